import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HubList } from '../../protocol/hubs.ts';
import { HubHome } from './hub-home.ts';
import { startRealServer } from './real-server.ts';
import type { HubStatus } from '../../hub/commands/hub-status.ts';

let server: Awaited<ReturnType<typeof startRealServer>>;
let home: HubHome;
beforeAll(async () => {
  home = new HubHome();
  server = await startRealServer();
});
afterAll(async () => {
  await home?.remove();
  await server?.stop();
});

async function status(): Promise<HubStatus> {
  const { stdout } = await home.hubtab(['hub', 'status', '--json']);
  return JSON.parse(stdout) as HubStatus;
}

async function listedHubs() {
  return HubList.parse(await server.api('GET', '/v1/hubs')).hubs;
}

async function tailscale(...args: string[]): Promise<string> {
  const { tailscaled } = await status();
  const program = join(home.env['HUBTAB_TAILSCALE_DIR'] ?? '', 'tailscale');
  return home.ok(program, [`--socket=${tailscaled.socket}`, ...args]);
}

// One hub lives through this file from top to bottom: joining takes seconds each time.

it('joins, is online and listed by the server as it is', async () => {
  const token = await server.createJoinToken();
  const joined = await home.hubtab([
    'hub',
    'join',
    server.url,
    '--token',
    token,
    '--name',
    'Box 1',
  ]);
  expect(joined).toMatchObject({ code: 0, stdout: '' });
  expect(joined.stderr).toContain('Box 1 is online at 100.');
  const now = await status();
  expect(now).toMatchObject({
    joined: true,
    name: 'Box 1',
    online: true,
    serverUrl: server.url,
    tailscaled: { running: true, backendState: 'Running' },
    tmux: { running: true, socket: home.socket },
  });
  expect(await listedHubs()).toMatchObject([
    {
      id: now.hubId,
      name: 'Box 1',
      ip: now.ip,
      tmux: { path: now.tmux.path, socket: home.socket },
    },
  ]);
});

it('tells the host keys that its SSH server has', async () => {
  const netmap = JSON.parse(await tailscale('debug', 'netmap')) as {
    SelfNode: { Hostinfo: { sshHostKeys: string[] } };
  };
  const { stdout } = await home.hubtab(['hub', 'key', '--json']);
  const lines = (JSON.parse(stdout) as { line: string }[]).map((key) => key.line);
  expect(lines[0]).toMatch(/^ssh-ed25519 /);
  expect(lines.toSorted()).toEqual(netmap.SelfNode.Hostinfo.sshHostKeys.toSorted());
  const plain = await home.hubtab(['hub', 'key']);
  expect(plain.stdout).toMatch(/^SHA256:[A-Za-z0-9+/]{43} ssh-ed25519\n/);
});

it('lets nobody else read its files or its socket', async () => {
  const { tailscaled } = await status();
  for (const path of [home.stateDir, join(tailscaled.socket, '..'), tailscaled.socket]) {
    expect([path, statSync(path).mode & 0o077]).toEqual([path, 0]);
  }
  for (const name of readdirSync(home.stateDir)) {
    expect([name, statSync(join(home.stateDir, name)).mode & 0o077]).toEqual([name, 0]);
    expect(name).not.toMatch(/auth-key|tmp$/);
  }
});

it('changes nothing when it is run again, without or with a used token', async () => {
  const before = await status();
  const again = await home.hubtab(['hub', 'join', server.url, '--token', 'htj_whatever']);
  expect(again).toMatchObject({ code: 0 });
  expect((await home.hubtab(['hub', 'up'])).code).toBe(0);
  expect(await status()).toEqual(before);
  expect(await listedHubs()).toHaveLength(1);
});

it('goes down and comes up as the same node, and leaves tmux alone', async () => {
  const before = await status();
  const tmuxPid = await home.tmux('display-message', '-p', '#{pid}');
  expect((await home.hubtab(['hub', 'down'])).code).toBe(0);
  expect(await status()).toMatchObject({ online: false, tailscaled: { running: false } });
  expect((await home.hubtab(['hub', 'down'])).code).toBe(0);
  expect((await home.hubtab(['hub', 'up'])).code).toBe(0);
  expect(await status()).toEqual(before);
  expect(await home.tmux('display-message', '-p', '#{pid}')).toBe(tmuxPid);
});

it('finds its tailscaled when the pid file is lost, and kills no process that is not it', async () => {
  const pidFile = join(home.stateDir, 'tailscaled.pid');
  await home.ok('sh', ['-c', `echo ${process.pid} > "$1"`, 'sh', pidFile]);
  expect((await home.hubtab(['hub', 'down'])).code).toBe(0);
  expect(await status()).toMatchObject({ tailscaled: { running: false } });
  expect((await home.hubtab(['hub', 'up'])).code).toBe(0);
});

it('registers again when its node was deleted, although tailscaled did not notice', async () => {
  const before = await status();
  await server.deleteHubNode(before.tailscaled.nodeKey ?? '');
  // The server looks at Headscale's list every few seconds; until then it takes the node as alive.
  await expect
    .poll(async () => (await listedHubs()) as unknown, { timeout: 20_000 })
    .toMatchObject([{ online: false }]);
  const upAgain = async () => {
    expect(await home.hubtab(['hub', 'up'])).toMatchObject({ code: 0 });
    return (await status()).tailscaled.nodeKey;
  };
  await expect.poll(upAgain, { timeout: 50_000 }).not.toBe(before.tailscaled.nodeKey);
  const after = await status();
  expect(after).toMatchObject({ online: true, hubId: before.hubId });
  expect(await listedHubs()).toMatchObject([{ id: before.hubId, ip: after.ip }]);
});

it('registers again when its node was deleted while it was down', async () => {
  const before = await status();
  await home.hubtab(['hub', 'down']);
  await server.deleteHubNode(before.tailscaled.nodeKey ?? '');
  expect(await home.hubtab(['hub', 'up'])).toMatchObject({ code: 0 });
  expect(await status()).toMatchObject({ online: true, hubId: before.hubId });
});

it('leaves when the owner has removed it, and joins as a new hub with a new token', async () => {
  const before = await status();
  await server.api('DELETE', `/v1/hubs/${before.hubId}`);
  const token = await server.createJoinToken();
  const joined = await home.hubtab([
    'hub',
    'join',
    server.url,
    '--token',
    token,
    '--name',
    'Box 2',
  ]);
  expect(joined).toMatchObject({ code: 0 });
  const after = await status();
  expect(after).toMatchObject({ joined: true, online: true, name: 'Box 2' });
  expect(after.hubId).not.toBe(before.hubId);
  await server.api('DELETE', `/v1/hubs/${after.hubId}`);
  expect(await home.hubtab(['hub', 'up'])).toMatchObject({ code: 3 });
});

it('repairs a join that was killed while it brought the network up', async () => {
  await home.hubtab(['hub', 'leave']);
  const token = await server.createJoinToken();
  const args = ['hub', 'join', server.url, '--token', token, '--name', 'Box 3'];
  home.startHubtab(args);
  const isUp = async () =>
    (await home.run('test', ['-S', join(home.stateDir, 'tailscaled', 'tailscaled.sock')])).code;
  await expect.poll(isUp, { timeout: 30_000, interval: 20 }).toBe(0);
  const pid = Number((await home.ok('cat', [join(home.stateDir, 'hub.lock')])).split(' ')[0]);
  process.kill(pid, 'SIGKILL');
  expect(await home.hubtab(args)).toMatchObject({ code: 0 });
  expect(await status()).toMatchObject({ online: true, name: 'Box 3' });
});

it('leaves: nothing runs and nothing is stored', async () => {
  const { tailscaled } = await status();
  expect(await home.hubtab(['hub', 'leave'])).toMatchObject({ code: 0 });
  expect(home.processesWith(tailscaled.socket)).toEqual([]);
  expect(readdirSync(home.stateDir).filter((name) => !name.includes('lock'))).toEqual([]);
  expect(await home.hubtab(['hub', 'status'])).toMatchObject({ code: 3 });
});
