import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBundles } from '../../scripts/build-bundles.ts';
import { bin, root as project } from '../../scripts/paths.ts';
import { Container, Network } from './containers.ts';
import { makeDebian } from './debian-root.ts';

/** The units of `deploy/systemd`, verified by systemd and run without it, in a fresh Debian. Only root can. */
const units = path.join(project, 'deploy', 'systemd');
const directory = mkdtempSync(path.join(tmpdir(), 'hubtab-systemd-'));
const debian = path.join(directory, 'debian');
const state = path.join(directory, 'state');
const running: Container[] = [];
let network: Network | undefined;
afterAll(async () => {
  for (const each of running) await each.stop();
  network?.stop();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

interface Unit {
  user: string;
  env: Record<string, string>;
  /** As a shell would take it. */
  start: string;
  runtime: boolean;
}

/** What a unit has systemd do, of what is done here too. */
function readUnit(name: string): Unit {
  const text = readFileSync(path.join(units, name), 'utf8');
  const values = (key: string) =>
    [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map((match) => match[1] ?? '');
  const files = values('EnvironmentFile').map((each) => path.join(debian, each.replace(/^-/, '')));
  const lines = [
    ...values('Environment').flatMap((line) => line.split(' ')),
    ...files.flatMap((file) => readFileSync(file, 'utf8').trim().split('\n')),
  ];
  const env = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
  // systemd's own escapes undone; its quotes are a shell's.
  const [start = ''] = values('ExecStart').map((each) =>
    each.replaceAll('%%', '%').replaceAll('$$', '$'),
  );
  expect(values('StateDirectory')).toEqual(['hubtab']);
  return {
    user: values('User')[0] ?? '',
    env,
    start,
    runtime: values('RuntimeDirectory')[0] === 'hubtab',
  };
}

/** Runs the command of a unit as its user, where it may write no more than its own directories. */
async function run(name: string): Promise<Container> {
  if (!network) throw new Error('invariant: there is a network');
  const { user, env, start, runtime } = readUnit(name);
  const entry = readFileSync(path.join(debian, 'etc', 'passwd'), 'utf8');
  const uid = new RegExp(`^${user}:[^:]*:(\\d+):`, 'm').exec(entry)?.[1] ?? '';
  const service = {
    user: `${uid}:${uid}`,
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    command: ['sh', '-c', `umask 077; exec ${start}`],
    environment: env,
    volumes: [{ type: 'volume', source: 'state', target: '/var/lib/hubtab' }],
    tmpfs: ['/tmp', ...(runtime ? [`/run/hubtab:uid=${uid},gid=${uid},mode=0700`] : [])],
  };
  const container = new Container(
    debian,
    service,
    { run: [], copy: [], env: {}, health: [], argv: [] },
    network,
  );
  running.push(container);
  await container.start(() => state);
  return container;
}

async function untilReady(server: Container): Promise<void> {
  const script = `const answer = await fetch('http://127.0.0.1:8080/readyz').catch(() => undefined);
console.log(answer?.status ?? 'silent');`;
  const ready = async () => {
    const argv = ['node', '--input-type=module', '--eval', script];
    const { stdout } = await server.exec(argv).catch(() => ({ stdout: '' }));
    return stdout.trim() === '200' ? 'ready' : server.log.slice(-2000);
  };
  await expect.poll(ready, { timeout: 120_000, interval: 1000 }).toBe('ready');
}

describe.runIf(userInfo().uid === 0)('the units', () => {
  beforeAll(async () => {
    await buildBundles();
    await makeDebian(debian, ['busybox', 'ca-certificates']);
    const local = (...names: string[]) => path.join(debian, 'usr', 'local', 'bin', ...names);
    copyFileSync(process.execPath, local('node'));
    copyFileSync(path.join(bin, 'headscale'), local('headscale'));
    copyFileSync(
      path.join(project, 'deploy/headscale/hubtab-headscale'),
      local('hubtab-headscale'),
    );
    mkdirSync(path.join(debian, 'opt'), { recursive: true });
    cpSync(path.join(project, 'dist'), path.join(debian, 'opt', 'hubtab'), { recursive: true });
    writeFileSync(local('hubtab'), '#!/bin/sh\nexec node /opt/hubtab/hubtab.mjs "$@"\n');
    for (const name of ['node', 'headscale', 'hubtab', 'hubtab-headscale'])
      chmodSync(local(name), 0o755);
    mkdirSync(path.join(debian, 'etc', 'headscale'));
    copyFileSync(
      path.join(project, 'deploy/headscale/config.yaml'),
      path.join(debian, 'etc/headscale/config.yaml'),
    );
    copyFileSync(
      path.join(project, 'server/headscale/policy.hujson'),
      path.join(debian, 'etc/headscale/policy.hujson'),
    );
    network = await Network.start({ 'hub.test': '172.30.86.2' });
  }, 600_000);

  it('are taken by systemd, and their user by systemd-sysusers', () => {
    execFileSync('systemd-sysusers', [`--root=${debian}`, path.join(units, 'hubtab.conf')]);
    expect(readFileSync(path.join(debian, 'etc', 'passwd'), 'utf8')).toMatch(
      /^hubtab:.*:\/var\/lib\/hubtab:\/usr\/sbin\/nologin$/m,
    );
    const names = readdirSync(units).filter((name) => /\.(service|timer)$/.test(name));
    const folder = path.join(debian, 'etc', 'systemd', 'system');
    mkdirSync(folder, { recursive: true });
    for (const name of names) {
      // Where the programs stand on a machine that runs the tests is its own affair.
      const text = readFileSync(path.join(units, name), 'utf8');
      const moved = text.replaceAll('=/usr/local/bin/', `=${debian}/usr/local/bin/`);
      writeFileSync(path.join(folder, name), moved);
    }
    const files = names.map((name) => path.join(folder, name));
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], {
      encoding: 'utf8',
    });
    // It also exits with 0 when it only warns of what it does not understand.
    expect([verified.status, verified.stderr]).toEqual([0, '']);
  });

  it('run the server with its own Headscale, and back it up', async () => {
    mkdirSync(path.join(debian, 'var', 'lib', 'hubtab'), { recursive: true });
    execFileSync('chroot', [debian, 'chown', 'hubtab:hubtab', '/var/lib/hubtab']);
    mkdirSync(state, { mode: 0o700 });
    writeFileSync(
      path.join(debian, 'etc', 'hubtab.env'),
      'HUBTAB_PUBLIC_URL=https://hub.test\nHUBTAB_BEHIND_PROXY=127.0.0.1\n',
    );
    writeFileSync(path.join(debian, 'etc', 'hubtab.passphrase'), 'correct horse battery staple\n', {
      mode: 0o644,
    });
    const server = await run('hubtab-server.service');
    await untilReady(server);
    expect(server.log).toContain('https://hub.test/setup#');
    const backup = await run('hubtab-backup.service');
    await expect
      .poll(() => backup.log, { timeout: 60_000 })
      .toMatch(/\/var\/lib\/hubtab\/backups\/hubtab-\d{8}T\d{6}Z\.tar\.age/);
    expect(await server.stop()).toBe(0);
  });

  it('run Headscale beside the server, on the same data', async () => {
    const env = path.join(debian, 'etc', 'hubtab.env');
    // As the head of the unit says.
    const head = readFileSync(path.join(units, 'hubtab-headscale.service'), 'utf8');
    const added = [...head.matchAll(/printf '(.*)' >> \/etc\/hubtab\.env$/gm)].map(
      (match) => match[1] ?? '',
    );
    expect(added).toHaveLength(2);
    const lines = added
      .join('')
      .replaceAll(String.raw`\n`, '\n')
      .replaceAll('hubtab.example.com', 'hub.test');
    writeFileSync(env, `${readFileSync(env, 'utf8')}${lines}`);
    const headscale = await run('hubtab-headscale.service');
    const server = await run('hubtab-server.service');
    await untilReady(server);
    // The server goes, and the relay stays.
    expect(await server.stop()).toBe(0);
    expect((await headscale.exec(['headscale', 'health'])).code).toBe(0);
  });
});
