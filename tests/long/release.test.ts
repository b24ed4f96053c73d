import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { TokenSet } from '../../protocol/account.ts';
import { bin, root } from '../../scripts/paths.ts';
import { hubUser } from '../../scripts/stack/hub-user.ts';
import { placePrograms, StackHub } from '../../scripts/stack/hub.ts';
import { mustRun } from '../../scripts/stack/run.ts';

/** What `npm run release -- --dry-run` makes, used as by somebody who downloads it. */
const { version } = packageJson;
const cleanups: (() => Promise<unknown>)[] = [];
let directory: string;
const made = () => path.join(directory, 'release');

async function release(out: string): Promise<string> {
  const script = path.join(root, 'scripts', 'release.ts');
  return mustRun(process.execPath, [script, '--dry-run', '--out', out], { timeoutMs: 300_000 });
}

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'hubtab-release-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  await chmod(directory, 0o755);
  await release(made());
}, 300_000);
afterAll(async () => {
  for (let next = cleanups.pop(); next; next = cleanups.pop()) await next();
});

/** The manifest in one of the zip files, beside which the network client has to be. */
async function manifestIn(browser: string): Promise<Record<string, unknown>> {
  const zip = unzipSync(await readFile(path.join(made(), `hubtab-${version}-${browser}.zip`)));
  expect(Object.keys(zip)).toContain('tailnet.wasm');
  const text = new TextDecoder().decode(zip['manifest.json']);
  return JSON.parse(text) as Record<string, unknown>;
}

test('a second build has the same bytes', async () => {
  const sums = await readFile(path.join(made(), 'SHA256SUMS'), 'utf8');
  expect(await release(path.join(directory, 'again'))).toBe(sums);
  expect(await mustRun('sha256sum', ['--check', 'SHA256SUMS'], { cwd: made() })).not.toMatch(
    /FAILED/,
  );
});

test('the extension asks for no host, and its licences and parts are listed', async () => {
  expect((await readdir(made())).sort()).toEqual([
    'SHA256SUMS',
    'THIRD-PARTY-LICENSES.txt',
    `hubtab-${version}-chromium.zip`,
    `hubtab-${version}-firefox.zip`,
    `hubtab-${version}.cdx.json`,
    `hubtab-${version}.tgz`,
  ]);
  const chromium = await manifestIn('chromium');
  expect(chromium).toMatchObject({ manifest_version: 3, version });
  expect(chromium).not.toHaveProperty('host_permissions');
  const firefox = await manifestIn('firefox');
  expect(firefox).toMatchObject({ manifest_version: 2, version, background: { persistent: true } });
  // There it would be among these.
  expect(firefox['permissions']).not.toContainEqual(expect.stringContaining(':'));

  const bill = JSON.parse(
    await readFile(path.join(made(), `hubtab-${version}.cdx.json`), 'utf8'),
  ) as { components: { purl: string }[] };
  const urls = bill.components.map(({ purl }) => purl.replace(/@[^@]*$/, ''));
  for (const url of ['pkg:npm/hono', 'pkg:npm/%40xterm/xterm', 'pkg:golang/tailscale.com'])
    expect(urls).toContain(url);
  const licences = await readFile(path.join(made(), 'THIRD-PARTY-LICENSES.txt'), 'utf8');
  expect(licences).toContain('Tailscale Inc');
});

test('the npm package, installed into an empty folder, runs a server and makes a hub', async () => {
  const installed = path.join(directory, 'empty');
  await mkdir(installed);
  const tarball = path.join(made(), `hubtab-${version}.tgz`);
  const offline = ['--offline', '--no-audit', '--no-fund', '--cache', path.join(directory, 'npm')];
  await mustRun('npm', ['install', '--prefix', installed, ...offline, tarball], { cwd: installed });
  expect(await readdir(path.join(installed, 'node_modules'))).toEqual([
    '.bin',
    '.package-lock.json',
    'hubtab',
  ]);

  const hubtab = path.join(installed, 'node_modules', '.bin', 'hubtab');
  const data = path.join(directory, 'data');
  const listen = ['--listen', '127.0.0.1:0', '--headscale-listen', '127.0.0.1:0'];
  const headscale = ['--headscale-binary', path.join(bin, 'headscale')];
  const server = spawn(hubtab, ['server', 'start', '--data', data, ...listen, ...headscale], {
    cwd: installed,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(server, 'exit');
  cleanups.push(async () => {
    server.kill('SIGTERM');
    await ended;
  });
  let said = '';
  const address = Promise.withResolvers<string>();
  for (const output of [server.stdout, server.stderr])
    output.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [, url] = /^ {2}address +(\S+)$/m.exec(said) ?? [];
      if (url) address.resolve(url);
    });
  void ended.then(() => address.reject(new Error(`the server ended: ${said}`)));
  const url = await address.promise;

  await mustRun(hubtab, ['server', 'user', 'add', 'ana@example.test', '--data', data]);
  const issued = ['server', 'pairing-code', 'ana@example.test', '--json', '--data', data];
  const { code } = JSON.parse(await mustRun(hubtab, issued)) as { code: string };
  const post = async (route: string, body: object, headers = {}): Promise<unknown> => {
    const response = await fetch(new URL(route, url), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  const { access_token: access } = TokenSet.parse(await post('/v1/pair', { code }));
  const bearer = { Authorization: `Bearer ${access}` };
  const { token } = (await post('/v1/hubs/join-tokens', {}, bearer)) as { token: string };

  const user = await hubUser();
  const programs = await placePrograms(path.join(directory, 'bin'));
  const hub = new StackHub('packed', path.join(directory, 'hub'), user, programs);
  cleanups.push(() => hub.stop());
  await hub.prepare();
  await hub.mustExec([hubtab, 'hub', 'join', url, '--token', token, '--name', 'packed']);
  const status = JSON.parse(await hub.mustExec([hubtab, 'hub', 'status', '--json'])) as object;
  expect(status).toMatchObject({ joined: true, online: true, name: 'packed' });
});
