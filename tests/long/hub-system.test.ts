import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../../hub/wait-until.ts';
import { HubList } from '../../protocol/hubs.ts';
import { bin } from '../../scripts/paths.ts';
import { run } from '../../scripts/stack/run.ts';
import { HubHome } from '../hub/hub-home.ts';
import { startRealServer } from '../hub/real-server.ts';

let server: Awaited<ReturnType<typeof startRealServer>>;
let home: HubHome;
let directory: string;
let daemon: ChildProcess;
const socket = () => join(directory, 'tailscaled.sock');

// The system's daemon as a distribution's package runs it, without its device: started by whoever runs the tests.
beforeAll(async () => {
  home = new HubHome();
  server = await startRealServer();
  directory = mkdtempSync(join(tmpdir(), 'hubtab-system-'));
  chmodSync(directory, 0o755);
  daemon = spawn(
    join(bin, 'tailscaled'),
    ['--tun=userspace-networking', `--statedir=${directory}`, `--socket=${socket()}`, '--port=0'],
    {
      stdio: 'ignore',
      env: { ...process.env, TS_DEBUG_USE_DERP_HTTP: '1', TS_NO_LOGS_NO_SUPPORT: 'true' },
    },
  );
  const answers = async () => ((await tailscale('status', '--json')).code === 0 ? true : undefined);
  if (!(await waitUntil(answers, 20_000))) throw new Error('tailscaled does not answer');
});
afterAll(async () => {
  await home?.remove();
  daemon?.kill();
  if (daemon?.exitCode === null && daemon.signalCode === null) await once(daemon, 'exit');
  await server?.stop();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

function tailscale(...args: string[]) {
  return run(join(bin, 'tailscale'), [`--socket=${socket()}`, ...args]);
}

async function prefs() {
  return JSON.parse((await tailscale('debug', 'prefs')).stdout) as Record<string, unknown>;
}

async function joinSystem(...more: string[]) {
  const token = await server.createJoinToken();
  const args = ['--token', token, '--name', 'System', '--system', '--socket', socket()];
  return home.hubtab(['hub', 'join', server.url, ...args, ...more]);
}

it('joins with the daemon of the system, and leaves its other settings alone', async () => {
  const user = (await home.ok('id', ['-un'])).trim();
  // What a person may have chosen before; allowing the user is what the error says where it is needed.
  expect(await tailscale('set', '--accept-routes=true', `--operator=${user}`)).toMatchObject({
    code: 0,
  });
  const joined = await joinSystem();
  expect(joined).toMatchObject({ code: 0 });
  expect(await prefs()).toMatchObject({ RouteAll: true, OperatorUser: user, RunSSH: true });
  const { hubs } = HubList.parse(await server.api('GET', '/v1/hubs'));
  expect(hubs).toMatchObject([{ name: 'System', online: true }]);
  const status = JSON.parse((await home.hubtab(['hub', 'status', '--json'])).stdout) as unknown;
  expect(status).toMatchObject({ online: true, tailscaled: { socket: socket() } });
  expect((await home.hubtab(['hub', 'key'])).stdout).toMatch(/^SHA256:/);
});

it('goes down and up, and the daemon goes on', async () => {
  expect((await home.hubtab(['hub', 'down'])).code).toBe(0);
  expect(await prefs()).toMatchObject({ WantRunning: false });
  expect(daemon.exitCode).toBe(null);
  expect((await home.hubtab(['hub', 'up'])).code).toBe(0);
  expect(await prefs()).toMatchObject({ WantRunning: true, RouteAll: true });
});

it('leaves, and does not touch a daemon that is in another network', async () => {
  expect((await home.hubtab(['hub', 'leave'])).code).toBe(0);
  expect(await prefs()).toMatchObject({ LoggedOut: true });
  const other = await startRealServer();
  const guest = new HubHome();
  try {
    const user = (await home.ok('id', ['-un'])).trim();
    await tailscale('set', `--operator=${user}`);
    const token = await other.createJoinToken();
    const args = ['--token', token, '--system', '--socket', socket()];
    expect(await guest.hubtab(['hub', 'join', other.url, ...args])).toMatchObject({ code: 0 });
    const before = await prefs();
    const refused = await joinSystem();
    expect(refused).toMatchObject({ code: 7 });
    expect(refused.stderr).toContain('is a member of another network');
    expect(await prefs()).toEqual(before);
    expect(await home.hubtab(['hub', 'status'])).toMatchObject({ code: 3 });
  } finally {
    await guest.remove();
    await other.stop();
  }
});
