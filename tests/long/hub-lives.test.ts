import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HubList } from '../../protocol/hubs.ts';
import { buildBundles, hubtabBundle } from '../../scripts/build-bundles.ts';
import { makeBackup } from '../../server/backup/backup.ts';
import { restoreBackup } from '../../server/backup/restore.ts';
import { run as runProgram } from '../../scripts/stack/run.ts';
import { HubHome } from '../hub/hub-home.ts';
import { startRealServer } from '../hub/real-server.ts';
import { until } from '../server/support/until.ts';
import type { ChildProcess } from 'node:child_process';
import type { Finding } from '../../hub/finding.ts';
import type { HubStatus } from '../../hub/commands/hub-status.ts';

/** One hub with an agent, installed and run as on a person's machine, and what may happen to it while the agent works. */
let directory: string;
let served: string;
let server: Awaited<ReturnType<typeof startRealServer>>;
let home: HubHome;
let run: ChildProcess;
let agents: string;
const said: string[] = [];
const launcher = () => join(home.stateDir, 'bin', 'hubtab');
const dataDir = () => join(directory, 'data');

beforeAll(async () => {
  await buildBundles();
  directory = mkdtempSync(join(tmpdir(), 'hubtab-lives-'));
  served = join(directory, 'hubtab.mjs');
  cpSync(hubtabBundle, served);
  server = await startRealServer({ dataDir: dataDir(), install: { hubtab: served } });
  home = new HubHome();
});
afterAll(async () => {
  await home?.remove();
  await server?.stop();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

/** What a person pastes, for the first time or again. */
async function install() {
  const token = await server.createJoinToken();
  const line = `curl -fsSL ${server.url}/install.sh | sh -s -- ${token} --name Box`;
  const path = `${dirname(process.execPath)}:/usr/bin:/bin`;
  return home.run('sh', ['-c', line], { env: { PATH: path } });
}

function hubtab(...args: string[]): Promise<string> {
  return home.ok(launcher(), args);
}

async function status(): Promise<HubStatus> {
  return JSON.parse(await hubtab('hub', 'status', '--json')) as HubStatus;
}

async function listedHub() {
  return HubList.parse(await server.api('GET', '/v1/hubs')).hubs.find(({ name }) => name === 'Box');
}

function panes(): Promise<string> {
  return home.tmux('list-panes', '-a', '-F', '#{session_name} #{pane_pid}');
}

async function runPid(): Promise<string> {
  return (await home.ok('cat', [join(home.stateDir, 'run.lock')])).split(' ')[0] ?? '';
}

/** That the server hears from it, and not only that it is connected. */
async function untilOnline(): Promise<void> {
  await expect
    .poll(listedHub, { timeout: 120_000, interval: 500 })
    .toMatchObject({ online: true, sessions: [{ name: 'agent-acme-site-1' }] });
}

it('is installed by the pasted line, and run by what its unit says', async () => {
  expect(await install()).toMatchObject({ code: 0 });
  await home.makeRemote('acme/site');
  await hubtab('agent', 'start', '--repo', 'acme/site', '--issue', '1', '--', 'cat');
  await hubtab('hub', 'down');
  // As systemd would: by what the unit says, in next to no environment.
  const unit = await hubtab('hub', 'service', 'install', '--print', 'systemd-user');
  const line = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '';
  await home.ok('rm', [join(home.stateDir, 'down')]);
  run = home.start('/usr/bin/env', ['-i', 'PATH=/usr/bin:/bin', 'sh', '-c', `exec ${line}`]);
  run.stderr?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  await untilOnline();
  agents = await panes();
  expect(agents).toContain('agent-acme-site-1 ');
});

it('goes on as the new version that is installed under it, and no agent notices', async () => {
  const before = await status();
  const pid = await runPid();
  const bundle = readFileSync(served, 'utf8');
  const next = bundle.replaceAll('0.1.0', '0.1.99');
  expect(next).not.toBe(bundle);
  writeFileSync(served, next);
  expect(await install()).toMatchObject({ code: 0 });
  await expect
    .poll(() => said.join(''), { timeout: 60_000 })
    .toMatch(/going on as that\.\s.*is online at/s);
  expect((await status()).versions.hubtab).toBe('0.1.99');
  expect(await runPid()).toBe(pid);
  await untilOnline();
  const { tailscaled, ip } = await status();
  expect([tailscaled.nodeKey, ip]).toEqual([before.tailscaled.nodeKey, before.ip]);
  expect(await panes()).toBe(agents);
});

it('comes back by itself when the server was lost and restored on an empty machine', async () => {
  const before = await status();
  const pid = await runPid();
  const hub = await listedHub();
  const backup = join(directory, 'backup.tar');
  await makeBackup(server.config, backup, undefined);
  await server.stop();
  rmSync(dataDir(), { recursive: true });
  await restoreBackup(backup, dataDir(), undefined);
  server = await startRealServer({
    dataDir: dataDir(),
    listen: new URL(server.url).host,
    headscale: { listen: new URL(server.headscaleUrl).host },
    install: { hubtab: served },
  });
  await untilOnline();
  expect((await listedHub())?.id).toBe(hub?.id);
  expect((await status()).tailscaled.nodeKey).toBe(before.tailscaled.nodeKey);
  expect(await runPid()).toBe(pid);
  expect(await panes()).toBe(agents);
});

it('another hub of the same user, with a state of its own, does not touch the first', async () => {
  const before = await status();
  const env = { XDG_STATE_HOME: join(home.path, 'state2'), TMUX_TMPDIR: join(home.path, 'tmux2') };
  await home.ok('mkdir', [env.TMUX_TMPDIR]);
  const token = await server.createJoinToken();
  const second = (...args: string[]) => home.hubtab(args, { env });
  expect(await second('hub', 'join', server.url, '--token', token, '--name', 'Two')).toMatchObject({
    code: 0,
  });
  const two = JSON.parse((await second('hub', 'status', '--json')).stdout) as HubStatus;
  expect(two).toMatchObject({ joined: true, online: true, name: 'Two' });
  expect(two.ip).not.toBe(before.ip);

  // What `hub doctor` says of a node that somebody changed, and what it names mends it.
  const doctor = async () => {
    const { stdout } = await second('hub', 'doctor', '--json');
    const bad = (JSON.parse(stdout) as Finding[]).filter(({ level }) => level === 'problem');
    return Object.fromEntries(bad.map(({ id, fix }) => [id, fix]));
  };
  const tailscale = join(home.env['HUBTAB_TAILSCALE_DIR'] ?? '', 'tailscale');
  await home.ok(tailscale, [`--socket=${two.tailscaled.socket}`, 'set', '--ssh=false']);
  const { ssh } = await doctor();
  expect(ssh).toContain('set --ssh');
  await home.ok('sh', ['-c', ssh ?? '']);
  expect(await doctor()).not.toHaveProperty('ssh');
  await server.expireHubNode(two.tailscaled.nodeKey ?? '');
  await expect.poll(doctor, { timeout: 60_000 }).toMatchObject({ tailscaled: 'hubtab hub up' });
  expect((await second('hub', 'up')).code).toBe(0);
  expect(await doctor()).not.toHaveProperty('tailscaled');

  expect((await second('hub', 'leave')).code).toBe(0);
  expect(await status()).toEqual(before);
  expect(await panes()).toBe(agents);
});

// Only root may run as two users.
it.runIf(userInfo().uid === 0)('a hub of another user stands beside it', async () => {
  const user = `hubtab-u${process.pid}`;
  execFileSync('useradd', ['-m', '-s', '/bin/sh', user]);
  const path = `${dirname(process.execPath)}:/usr/bin:/bin`;
  const as = async (script: string) => {
    const env = `HOME=/home/${user} PATH=${path}`;
    const argv = ['-u', user, '--', '/usr/bin/env', '-i', ...env.split(' '), 'sh', '-c', script];
    return runProgram('runuser', argv, { cwd: '/' });
  };
  const theirs = `/home/${user}/.local/state/hubtab/bin/hubtab`;
  try {
    const before = await status();
    const token = await server.createJoinToken();
    const line = `curl -fsSL ${server.url}/install.sh | sh -s -- ${token} --name Other`;
    expect(await as(line)).toMatchObject({ code: 0 });
    const other = JSON.parse((await as(`${theirs} hub status --json`)).stdout) as HubStatus;
    expect(other).toMatchObject({ joined: true, online: true, name: 'Other' });
    expect(other.ip).not.toBe(before.ip);
    expect(other.tmux.socket).not.toBe(before.tmux.socket);
    expect(await as(`${theirs} hub leave`)).toMatchObject({ code: 0 });
    expect(await status()).toEqual(before);
    expect(await panes()).toBe(agents);
  } finally {
    await as(`${theirs} hub leave; tmux kill-server`);
    // Refused while a process of the user is still about to end.
    await until(
      `${user} is gone`,
      async () => (await runProgram('userdel', ['-r', user])).code === 0,
    );
  }
});

it('`hub down` and the end of `hub run` leave every agent at work', async () => {
  await hubtab('hub', 'down');
  const ended = new Promise((done) => run.once('close', done));
  process.kill(Number(await runPid()), 'SIGTERM');
  expect(await ended).toBe(0);
  expect(await panes()).toBe(agents);
});
