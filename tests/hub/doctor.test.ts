import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startFaultServer } from './fault-server.ts';
import { HubHome } from './hub-home.ts';
import type { Finding } from '../../hub/finding.ts';

let home: HubHome;
beforeEach(() => {
  home = new HubHome();
});
afterEach(() => home.remove());

async function doctor(env: Record<string, string> = {}) {
  const { code, stdout } = await home.hubtab(['hub', 'doctor', '--json'], { env });
  const findings = JSON.parse(stdout) as Finding[];
  const bad = findings.filter(({ level }) => level !== 'ok');
  return { code, bad: Object.fromEntries(bad.map((finding) => [finding.id, finding])) };
}

/** A machine that has joined, as its files say. */
async function pretendToHaveJoined(serverUrl: string): Promise<void> {
  const hub = {
    version: 1,
    hubId: '01JD0000000000000000000000',
    name: 'box',
    serverUrl,
    issuer: serverUrl,
  };
  await home.ok('mkdir', ['-p', home.stateDir]);
  await home.run('tee', [join(home.stateDir, 'hub.json')], { input: JSON.stringify(hub) });
  await home.run('tee', [join(home.stateDir, 'hub-key.json')], { input: '{}' });
  await home.ok('chmod', ['644', join(home.stateDir, 'hub-key.json')]);
}

it('finds what a machine lacks, each with what mends it, and changes nothing', async () => {
  const bin = join(home.path, 'bin');
  await home.ok('mkdir', [bin]);
  await home.ok('ln', ['-s', process.execPath, join(bin, 'node')]);
  writeFileSync(join(bin, 'tmux'), '#!/bin/sh\necho tmux 3.1\n', { mode: 0o755 });
  const linger = '#!/bin/sh\n[ "$1 $3" = "show-user --property=Linger" ] && echo no\n';
  writeFileSync(join(bin, 'loginctl'), linger, { mode: 0o755 });
  chmodSync(bin, 0o755);
  const env = { PATH: bin, LANG: 'C', HUBTAB_TAILSCALE_DIR: '/nonexistent' };
  const { code, bad } = await doctor(env);
  expect(code).toBe(1);
  expect(Object.keys(bad).sort()).toEqual([
    'git',
    'joined',
    'linger',
    'locale',
    'tailscale',
    'tmux',
  ]);
  expect(bad['tmux']?.text).toContain('Hubtab needs tmux 3.2 or later');
  expect(bad['tmux']?.fix).toBe('sudo apt-get install -y tmux');
  expect(bad['locale']?.fix).toBe("echo 'export LANG=C.UTF-8' >> ~/.profile");
  expect(bad['linger']?.fix).toMatch(/^sudo loginctl enable-linger /);
  expect(bad['joined']?.fix).toBe('hubtab hub join SERVER');
  expect(existsSync(home.stateDir)).toBe(false);
});

it('finds a directory that it cannot write to', async () => {
  await home.ok('mkdir', ['-p', home.stateDir]);
  await home.ok('chmod', ['500', home.stateDir]);
  const { bad } = await doctor();
  expect(bad['writable']?.fix).toContain(`chmod u+rwx '${home.stateDir}'`);
});

// Only root may mount a disk that is small.
it.runIf(process.getuid?.() === 0)('finds a disk that is nearly full', async () => {
  await home.ok('mkdir', ['-p', home.stateDir]);
  const small = ['-t', 'tmpfs', '-o', `size=8m,uid=${home.uid}`, 'none', home.stateDir];
  execFileSync('mount', small);
  try {
    const { bad } = await doctor();
    expect(bad['disk']?.text).toContain(`are free for ${home.stateDir}`);
    expect(bad['disk']?.fix).toContain('du -xh');
  } finally {
    execFileSync('umount', [home.stateDir]);
  }
});

it('finds a wrong clock, a key that others can read, and a hub that is down', async () => {
  const late = new Date(Date.now() - 3_600_000).toUTCString();
  const server = await startFaultServer({
    'GET /v1/server': { status: 200, body: { name: 'hubtab' }, headers: { date: late } },
  });
  try {
    await pretendToHaveJoined(server.url);
    const { code, bad } = await doctor();
    expect(code).toBe(1);
    // The machine itself may have more to mend.
    expect(Object.keys(bad)).toEqual(
      expect.arrayContaining(['clock', 'key', 'service', 'tailscaled']),
    );
    expect(bad['clock']?.text).toMatch(/clock is 36\d\d s ahead of/);
    expect(bad['key']?.fix).toBe(`chmod 600 '${home.stateDir}/hub-key.json'`);
    expect(bad['tailscaled']?.fix).toBe('hubtab hub up');
    expect(bad['service']?.fix).toBe('hubtab hub service install');
  } finally {
    await server.stop();
  }
  const { bad } = await doctor();
  expect(bad['server']?.text).toContain('cannot reach');
  const shown = await home.hubtab(['hub', 'doctor']);
  expect(shown.stdout).toContain(
    'PROBLEM  tailscaled is not running.\n         mend it: hubtab hub up\n',
  );
});
