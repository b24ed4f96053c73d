import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HubList } from '../../protocol/hubs.ts';
import { HubHome } from '../hub/hub-home.ts';
import { startRealServer } from '../hub/real-server.ts';
import type { HubStatus } from '../../hub/commands/hub-status.ts';

let server: Awaited<ReturnType<typeof startRealServer>>;
let home: HubHome;
let run: ReturnType<HubHome['startHubtab']>;
const said: string[] = [];
beforeAll(async () => {
  home = new HubHome();
  server = await startRealServer();
  const token = await server.createJoinToken();
  await home.hubtab(['hub', 'join', server.url, '--token', token, '--name', 'Box']);
  await home.makeRemote('acme/site');
  await home.hubtab(['agent', 'start', '--repo', 'acme/site', '--issue', '1', '--', 'cat']);
  await home.hubtab(['hub', 'down']);
  run = home.startHubtab(['hub', 'up', '--foreground']);
  run.stderr?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
});
afterAll(async () => {
  await home?.remove();
  await server?.stop();
});

// One hub lives through this file from top to bottom.

async function status(): Promise<HubStatus> {
  return JSON.parse((await home.hubtab(['hub', 'status', '--json'])).stdout) as HubStatus;
}

async function listedHub() {
  return HubList.parse(await server.api('GET', '/v1/hubs')).hubs[0];
}

/** Pid of the program itself: as root what we started is only what started it. */
async function pidIn(file: string): Promise<number> {
  return Number((await home.ok('cat', [join(home.stateDir, file)])).split(' ')[0]);
}

it('brings the hub online and tells the server names and states, never what is on a screen', async () => {
  await expect
    .poll(async () => (await listedHub())?.sessions, { timeout: 60_000, interval: 500 })
    .toMatchObject([{ name: 'agent-acme-site-1', isAgent: true }]);
  expect(Object.keys((await listedHub())?.sessions?.[0] ?? {}).sort()).toEqual([
    'isAgent',
    'name',
    'state',
  ]);
  const second = await home.hubtab(['hub', 'run']);
  expect(second).toMatchObject({ code: 7 });
});

it('starts tailscaled again when it was killed, as the same node, and every agent goes on', async () => {
  const before = await status();
  const agent = await home.tmux('list-panes', '-a', '-F', '#{session_name} #{pane_pid}');
  process.kill(await pidIn('tailscaled.pid'), 'SIGKILL');
  await expect
    .poll(async () => (await status()).online, { timeout: 60_000, interval: 300 })
    .toBe(true);
  expect((await status()).ip).toBe(before.ip);
  expect(await home.tmux('list-panes', '-a', '-F', '#{session_name} #{pane_pid}')).toBe(agent);
});

it('stays offline after `hub down`, and comes back with `hub up`', async () => {
  expect((await home.hubtab(['hub', 'down', '--json'])).stdout).toContain('"online": false');
  await expect.poll(() => said.join(''), { timeout: 30_000 }).toContain('Offline, because of');
  expect(await status()).toMatchObject({ tailscaled: { running: false } });
  const up = await home.hubtab(['hub', 'up', '--json']);
  expect(JSON.parse(up.stdout)).toMatchObject({ name: 'Box', online: true });
});

it('stops with SIGTERM and starts again: tailscaled ends, every agent goes on', async () => {
  const agent = await home.tmux('list-panes', '-a', '-F', '#{session_name} #{pane_pid}');
  const ended = new Promise((done) => run.once('close', done));
  process.kill(await pidIn('run.lock'), 'SIGTERM');
  expect(await ended).toBe(0);
  expect(await status()).toMatchObject({ tailscaled: { running: false } });
  expect(await home.tmux('list-panes', '-a', '-F', '#{session_name} #{pane_pid}')).toBe(agent);
  // As systemd would: by what the unit says, in next to no environment.
  const unit = await home.hubtab(['hub', 'service', 'install', '--print', 'systemd-user']);
  const line = /^ExecStart=(.*)$/m.exec(unit.stdout)?.[1] ?? '';
  run = home.start('/usr/bin/env', ['-i', 'PATH=/usr/bin:/bin', 'sh', '-c', `exec ${line}`]);
  await expect
    .poll(async () => (await status()).online, { timeout: 60_000, interval: 300 })
    .toBe(true);
});

it('registers its node again when told to, and leaves when the owner removes the hub', async () => {
  const before = await status();
  await server.deleteHubNode(before.tailscaled.nodeKey ?? '');
  await expect
    .poll(async () => (await status()).tailscaled.nodeKey, { timeout: 90_000, interval: 1000 })
    .not.toBe(before.tailscaled.nodeKey);
  const ended = new Promise((done) => run.once('close', done));
  await server.api('DELETE', `/v1/hubs/${before.hubId}`);
  expect(await ended).toBe(3);
  expect(existsSync(join(home.stateDir, 'hub.json'))).toBe(false);
  expect(await home.tmux('has-session', '-t', '=agent-acme-site-1')).toBe('');
});
