import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InstallManifest, platformName } from '../../protocol/install.ts';
import { installScript } from '../../server/install/script.ts';
import { createTestApp, PUBLIC_URL } from './support/test-app.ts';

const HERE = platformName(process.platform, process.arch);
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hubtab-install-test-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(name: string, content: string): string {
  const file = path.join(directory, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('hands out the hub program and tailscaled, with the checksums of what it sends', async () => {
  const hubtab = write('hubtab.mjs', 'program');
  for (const folder of ['', 'linux-arm64/']) {
    write(`${folder}tailscale`, `client ${folder}`);
    write(`${folder}tailscaled`, `daemon ${folder}`);
  }
  const { app } = await createTestApp({ hubtab, tailscaleDir: directory });
  const manifest = InstallManifest.parse(
    await (await app.request('/install/manifest.json')).json(),
  );
  expect(Object.keys(manifest.tailscale).sort()).toEqual([HERE, 'linux-arm64'].sort());
  const files = [manifest.hubtab, ...Object.values(manifest.tailscale).flatMap(Object.values)];
  for (const { path: route, sha256: wanted } of files as (typeof manifest.hubtab)[]) {
    const response = await app.request(route);
    expect([route, sha256(await response.text())]).toEqual([route, wanted]);
  }
  write('hubtab.mjs', 'newer program');
  expect(await (await app.request('/install.sh')).text()).toContain(sha256('newer program'));
});

test('hands out nothing else, and says so when it has no program', async () => {
  const { app } = await createTestApp({ hubtab: '/nonexistent', tailscaleDir: directory });
  write('secret', 'secret');
  const routes = ['/install.sh', '/install/hubtab.mjs', '/install/manifest.json'];
  const others = [
    `/install/${HERE}/secret`,
    '/install/..%2f..%2fetc/passwd',
    `/install/${HERE}/tailscaled`,
  ];
  for (const route of [...routes, ...others]) {
    const response = await app.request(route);
    expect([route, response.status]).toEqual([route, 404]);
    expect(await response.text()).not.toContain('secret');
  }
});

/** A folder of programs that write down their calls; those named run as they are. */
function stubs(recorded: string[], real: string[]): { bin: string; calls: () => string } {
  const bin = path.join(directory, 'bin');
  const log = path.join(directory, 'calls');
  mkdirSync(bin);
  writeFileSync(log, '');
  for (const name of recorded) {
    const file = path.join(bin, name);
    writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> ${log}\n`);
    chmodSync(file, 0o755);
  }
  for (const name of real)
    symlinkSync(
      execFileSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).trim(),
      path.join(bin, name),
    );
  return { bin, calls: () => readFileSync(log, 'utf8') };
}

/** Runs the script as the pasted line does. */
function paste(
  script: string,
  bin: string,
  ...args: string[]
): Promise<{ code: number; stderr: string }> {
  return new Promise((done) => {
    const child = execFile(
      '/bin/sh',
      ['-s', '--', ...args],
      { env: { PATH: bin, TMPDIR: directory }, cwd: directory },
      (_error, _stdout, stderr) => done({ code: child.exitCode ?? -1, stderr }),
    );
    child.stdin?.end(script);
  });
}

test('a script that was cut off anywhere runs nothing', async () => {
  const script = installScript(PUBLIC_URL, sha256('x'));
  const { bin, calls } = stubs(['curl', 'tmux', 'node', 'mktemp', 'chmod', 'rm', 'apt-get'], []);
  const ends = [...script.matchAll(/\s/g)].map(({ index }) => index);
  const last = script.trimEnd().length;
  for (let from = 0; from < ends.length; from += 40) {
    await Promise.all(
      ends
        .slice(from, from + 40)
        .map((end) => paste(script.slice(0, Math.min(end, last - 1)), bin)),
    );
  }
  expect(calls()).toBe('');
  await paste(script, bin);
  expect(calls()).toContain('node');
});

test.each([
  ['curl', 'hubtab: curl is missing: sudo apt-get install -y curl'],
  ['tmux', 'hubtab: tmux 3.2 or newer is missing: sudo apt-get install -y tmux'],
  ['node', 'hubtab: Node 22 or newer is missing: sudo apt-get install -y nodejs'],
])('without %s it says how to get it, and leaves nothing', async (missing, words) => {
  const all = ['curl', 'tmux', 'node'].filter((name) => name !== missing);
  const { bin, calls } = stubs([...all, 'apt-get'], ['mktemp', 'chmod', 'rm']);
  const result = await paste(installScript(PUBLIC_URL, sha256('x')), bin, 'htj_token');
  expect(result.code).toBe(6);
  expect(result.stderr).toContain(words);
  expect(result.stderr).toContain('Nothing was changed.');
  expect(calls()).not.toContain('curl');
  expect(readdirSync(directory).sort()).toEqual(['bin', 'calls']);
});

test('a Node that is too old is missing', async () => {
  const { bin } = stubs(['curl', 'tmux'], []);
  writeFileSync(path.join(bin, 'node'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  expect((await paste(installScript(PUBLIC_URL, sha256('x')), bin)).code).toBe(6);
});

test('a program with another checksum is not run, and nothing is left', async () => {
  const { bin } = stubs(['tmux'], ['mktemp', 'chmod', 'rm']);
  symlinkSync(process.execPath, path.join(bin, 'node'));
  const ran = path.join(directory, 'ran');
  const program = `require('fs').writeFileSync(${JSON.stringify(ran)}, '')`;
  // In place of curl: writes what the server would never send.
  writeFileSync(
    path.join(bin, 'curl'),
    `#!/bin/sh\nprintf '%s' '${program.replaceAll("'", '"')}' > "$5"\n`,
    { mode: 0o755 },
  );
  const result = await paste(installScript(PUBLIC_URL, sha256('x')), bin, 'htj_token');
  expect(result).toMatchObject({ code: 4 });
  expect(result.stderr).toContain('is not what the server announced');
  expect(readdirSync(directory).sort()).toEqual(['bin', 'calls']);
});
