import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { within } from '../../scripts/bench/within.ts';
import { bin, root } from '../../scripts/paths.ts';
import { packNpm } from '../../scripts/release/pack-npm.ts';
import { hubUser } from '../../scripts/stack/hub-user.ts';
import { placePrograms, StackHub } from '../../scripts/stack/hub.ts';
import { mustRun } from '../../scripts/stack/run.ts';
import { unpackDebian } from './debian-programs.ts';
import { Internet, type Host } from './internet.ts';
import { makeCertificate, removeCertificate } from './proxies.ts';

/**
 * Runs the commands of `docs/` as they stand there, on two machines of a small internet: those of `hub.md` on the hub, all
 * others on the server. What is not in a block of the language `sh` needs the real internet, and is not run.
 */
const NAME = 'hubtab.example.com';
/** Pages with commands, in the order in which a person reads them. */
const SERVER_PAGES = ['install.md', 'backup.md', 'upgrade.md'];

const cleanups: (() => Promise<unknown>)[] = [];
let directory: string;
let server: Host;
let hub: StackHub;
let environment: NodeJS.ProcessEnv;
let issued = '';

interface Block {
  script: string;
  /** Stays until it is stopped; the page says so by the word after the language. */
  isBackground: boolean;
}

async function blocksOf(page: string): Promise<Block[]> {
  const text = await readFile(path.join(root, 'docs', page), 'utf8');
  const blocks = text.matchAll(/^```sh( background)?\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, background, script = '']) => ({
    script,
    isBackground: background !== undefined,
  }));
}

/** What each program that stays says, or does, when others can use it. */
const READY = [/server is running/, /serving initial configuration/, /derper: serving on/];

async function background(script: string): Promise<void> {
  const child = server.start(['sh', '-c', `exec env ${script.trim()}`], {
    env: environment,
    cwd: directory,
  });
  let said = '';
  const ready = Promise.withResolvers<void>();
  for (const output of [child.stdout, child.stderr])
    output?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (READY.some((words) => words.test(said))) ready.resolve();
    });
  child.once('exit', () => ready.reject(new Error(`${script}ended: ${said}`)));
  ready.promise.catch(() => {}); // it ends with the host
  await within(60_000, script, ready.promise);
}

// Only root can make network namespaces.
describe.runIf(userInfo().uid === 0)('the documentation', () => {
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'hubtab-docs-'));
    cleanups.push(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
    const user = await hubUser();
    await user.own(directory);
    await packNpm(directory, packageJson.version);
    await symlink(path.join(root, 'deploy'), path.join(directory, 'deploy'));
    const programs = path.join(directory, 'programs');
    await mkdir(programs);
    const caddy = path.join(await unpackDebian('caddy'), 'usr', 'bin', 'caddy');
    for (const program of [caddy, path.join(bin, 'headscale'), path.join(bin, 'derper')])
      await symlink(program, path.join(programs, path.basename(program)));
    const certificate = await makeCertificate(NAME);
    cleanups.push(() => removeCertificate(certificate));

    const internet = await Internet.start('server');
    cleanups.push(() => internet.stop());
    for (const name of ['server', 'hub']) await internet.addHost(name);
    await internet.name(NAME);
    server = internet.host('server');
    environment = {
      HOME: directory,
      PATH: [
        programs,
        path.join(directory, 'npm', 'bin'),
        path.dirname(process.execPath),
        process.env['PATH'],
      ].join(':'),
      npm_config_prefix: path.join(directory, 'npm'),
      npm_config_offline: 'true',
      // In the place of the authority that Caddy would ask.
      HUBTAB_TLS: `tls ${certificate.certificate} ${certificate.key}`,
      CURL_CA_BUNDLE: certificate.authority,
    };
    const hubPrograms = await placePrograms(path.join(directory, 'bin'));
    const there = internet.host('hub').user(user);
    hub = new StackHub(
      'workshop',
      path.join(directory, 'hub'),
      there,
      hubPrograms,
      certificate.authority,
    );
    await hub.prepare();
  }, 300_000);
  afterAll(async () => {
    for (let next = cleanups.pop(); next; next = cleanups.pop()) await next();
  });

  test.each(SERVER_PAGES)('the commands of %s work as they stand there', async (page) => {
    const blocks = await blocksOf(page);
    expect(blocks.length).toBeGreaterThan(0);
    for (const { script, isBackground } of blocks) {
      if (isBackground) await background(script);
      else issued += await inShell(script);
    }
  });

  test('the commands of hub.md work as they stand there', async () => {
    const [, code] = /Pairing code: (\S+)/.exec(issued) ?? [];
    const { access_token: access } = await post('/v1/pair', { code });
    const { token = '' } = await post(
      '/v1/hubs/join-tokens',
      {},
      `Authorization: Bearer ${access}`,
    );
    const links = path.join(hub.home, 'bin');
    const launcher = `#!/bin/sh\nexec ${hub.hubtabCommand([]).join(' ')} "$@"\n`;
    const make = 'mkdir -p "$1"; printf %s "$2" > "$1/hubtab"; chmod 755 "$1/hubtab"';
    await hub.mustExec(['sh', '-c', make, 'sh', links, launcher]);
    for (const { script } of await blocksOf('hub.md'))
      await hub.mustExec(['env', `TOKEN=${token}`, 'sh', '-ec', script]);
  });
});

/** Runs a block on the server's host. @throws Error with what it wrote to standard error */
function inShell(script: string): Promise<string> {
  const [command, args] = server.command(['sh', '-ec', script]);
  return mustRun(command, args, { cwd: directory, env: environment });
}

async function post(route: string, body: object, ...headers: string[]) {
  const json = ['Content-Type: application/json', ...headers].map((header) => `-H '${header}'`);
  const data = `-d '${JSON.stringify(body)}'`;
  const answer = await inShell(`curl -fsS ${json.join(' ')} ${data} https://${NAME}${route}`);
  return JSON.parse(answer) as Record<string, string>;
}
