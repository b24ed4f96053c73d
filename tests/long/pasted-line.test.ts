import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { HubList } from '../../protocol/hubs.ts';
import { buildBundles } from '../../scripts/build-bundles.ts';
import { HubHome } from '../hub/hub-home.ts';
import { startRealServer } from '../hub/real-server.ts';

let server: Awaited<ReturnType<typeof startRealServer>>;
let home: HubHome;
beforeAll(async () => {
  await buildBundles();
  server = await startRealServer();
});
afterAll(() => server?.stop());
beforeEach(() => {
  home = new HubHome();
  home.withoutTailscale();
});
afterEach(() => home.remove());

async function line(...more: string[]): Promise<string> {
  const token = await server.createJoinToken();
  return `curl -fsSL ${server.url}/install.sh | sh -s -- ${[token, ...more].join(' ')}`;
}

async function listedHub(name: string) {
  const { hubs } = HubList.parse(await server.api('GET', '/v1/hubs'));
  return hubs.find((hub) => hub.name === name);
}

it('makes a machine with curl, tmux and Node 22 a hub, with programs from the server', async () => {
  // npm knows where the package's program is; the bundle has to run on the oldest Node that is promised.
  const find = ['exec', '--yes', '--package=node@22', '--', 'sh', '-c', 'command -v node'];
  const node22 = execFileSync('/usr/bin/npm', find, { encoding: 'utf8', cwd: '/' }).trim();
  await home.ok('mkdir', [join(home.path, 'bin')]);
  execFileSync('cp', [node22, join(home.path, 'bin', 'node')]);
  const env = { PATH: `${home.path}/bin:/usr/bin:/bin` };
  expect((await home.run('node', ['--version'], { env })).stdout).toMatch(/^v22\./);
  const joined = await home.run('sh', ['-c', await line('--name', 'Pasted')], { env });
  expect(joined).toMatchObject({ code: 0, stdout: '' });
  expect(joined.stderr).toContain('Pasted is online at 100.');
  expect(joined.stderr).toMatch(/tmux \S+, tailscaled \d+\.\d+\.\d+\./);

  const hub = await listedHub('Pasted');
  const launcher = join(home.stateDir, 'bin', 'hubtab');
  expect(hub).toMatchObject({ online: true, hubtabPath: launcher });
  const data = join(home.path, '.local', 'share', 'hubtab');
  expect(readdirSync(data).sort()).toEqual(['bin', 'hubtab.mjs']);
  expect(readdirSync(join(data, 'bin')).sort()).toEqual(['tailscale', 'tailscaled']);
  // As a command over SSH: another home, hardly any PATH, nothing that join had.
  const bare = [
    '-i',
    'PATH=/usr/bin:/bin',
    'HOME=/nonexistent',
    launcher,
    'hub',
    'status',
    '--json',
  ];
  const status = await home.run('/usr/bin/env', bare);
  expect(JSON.parse(status.stdout)).toMatchObject({ joined: true, online: true, name: 'Pasted' });
  const linked = join(home.path, '.local', 'bin', 'hubtab');
  expect((await home.run(linked, ['hub', 'status'], { env })).code).toBe(0);

  // The same line again changes nothing; tailscaled is not downloaded twice.
  const before = statSync(join(data, 'bin', 'tailscaled')).mtimeMs;
  expect((await home.run('sh', ['-c', await line()], { env })).code).toBe(0);
  expect(statSync(join(data, 'bin', 'tailscaled')).mtimeMs).toBe(before);
  expect(await listedHub('Pasted')).toMatchObject({ id: hub?.id });
});

it.each([
  [true, 0, 'Asked-0 is online at 100.'],
  [false, 5, 'the code was denied'],
])('without a token a person decides in a browser: %s', async (isApproved, code, words) => {
  const script = `curl -fsSL ${server.url}/install.sh | sh -s -- --name Asked-${code}`;
  const joining = home.start('sh', ['-c', script]);
  let said = '';
  joining.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise((done) => joining.once('close', done));
  await expect.poll(() => said, { timeout: 60_000 }).toMatch(/you see there: \S+\n/);
  expect(said).toContain(`Open ${server.url}/device in a browser`);
  // The QR code, in half blocks.
  expect(said).toMatch(/[▀▄█]{20}/);
  await server.decideDevice(/you see there: (\S+)/.exec(said)?.[1] ?? '', isApproved);
  expect(await ended).toBe(code);
  expect(said).toContain(words);
  expect((await listedHub(`Asked-${code}`)) !== undefined).toBe(isApproved);
});

// Started by an ordinary user there is no root to be refused.
it.runIf(userInfo().uid === 0)('as root wants a user, says why, and goes on as it', async () => {
  const path = `${dirname(process.execPath)}:/usr/bin:/bin`;
  const asRoot = async (...more: string[]) => {
    const command = await line(...more);
    return new Promise<{ code: number; stderr: string }>((done) => {
      const child = execFile(
        'sh',
        ['-c', command],
        { env: { PATH: path }, cwd: '/' },
        (_e, _o, stderr) => done({ code: child.exitCode ?? -1, stderr }),
      );
    });
  };
  const refused = await asRoot();
  expect(refused).toMatchObject({ code: 6 });
  expect(refused.stderr).toContain('the network lets nobody in as root');
  expect(refused.stderr).toContain('--user NAME');
  expect((await asRoot('--user', 'no-such-user')).stderr).toContain(
    'there is no user "no-such-user"',
  );

  const user = `hubtab-t${process.pid}`;
  execFileSync('useradd', ['-m', '-s', '/bin/sh', user]);
  const launcher = `/home/${user}/.local/state/hubtab/bin/hubtab`;
  try {
    expect(await asRoot('--user', user, '--name', 'Rooted')).toMatchObject({ code: 0 });
    expect(await listedHub('Rooted')).toMatchObject({ sshUser: user, hubtabPath: launcher });
    expect(existsSync(join(homedir(), '.local', 'state', 'hubtab'))).toBe(false);
  } finally {
    execFileSync('runuser', [
      '-u',
      user,
      '--',
      'sh',
      '-c',
      `${launcher} hub leave; tmux kill-server`,
    ]);
    execFileSync('userdel', ['-r', user], { stdio: 'ignore' });
  }
});
