import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { validate } from 'dockerfile-utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, root as project } from '../../scripts/paths.ts';
import type { HealthFinding } from '../../protocol/admin.ts';
import { mustRun } from '../../scripts/stack/run.ts';
import { applyStage, Container, Network, readStage, type Service } from './containers.ts';
import { makeDebian } from './debian-root.ts';
import { unpackDebian } from './debian-programs.ts';

/** The images of `deploy/Dockerfile` and the services of `deploy/compose.yaml`, run without Docker. Only root can. */
const HOST = 'hub.test';
const NAMES = ['headscale', 'server', 'caddy'] as const;
type Name = (typeof NAMES)[number];

const dockerfile = readFileSync(path.join(project, 'deploy', 'Dockerfile'), 'utf8');
const directory = mkdtempSync(path.join(tmpdir(), 'hubtab-containers-'));
const containers = {} as Record<Name, Container>;
let network: Network | undefined;
afterAll(async () => {
  for (const name of NAMES) await containers[name]?.stop();
  network?.stop();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

async function composeConfig(...more: string[]): Promise<Record<string, Service>> {
  const file = path.join(project, 'deploy', 'compose.yaml');
  const env = { ...process.env, HUBTAB_HOST: HOST, HUBTAB_TLS: 'tls internal' };
  const json = await mustRun(path.join(bin, 'compose-config'), [...more, file], { env });
  return (JSON.parse(json) as { services: Record<string, Service> }).services;
}

it('the Dockerfile and every profile of the compose file are read without a complaint', async () => {
  expect(validate(dockerfile)).toEqual([]);
  expect(Object.keys(await composeConfig()).sort()).toEqual(['caddy', 'headscale', 'server']);
  expect(Object.keys(await composeConfig('--profile', 'postgres'))).toContain('postgres');
});

/** What the stage of the bundles copies is all that they are built from. */
async function buildBundles(): Promise<string> {
  const stage = readStage(dockerfile, 'bundles');
  const folder = path.join(directory, 'build');
  mkdirSync(folder);
  for (const { sources, to } of stage.copy)
    for (const source of sources)
      cpSync(path.join(project, source), path.join(folder, to === './' ? source : to), {
        recursive: true,
        verbatimSymlinks: true,
      });
  symlinkSync(path.join(project, 'node_modules'), path.join(folder, 'node_modules'));
  const [, command = ''] = stage.run;
  await mustRun('sh', ['-c', command], { cwd: folder });
  return path.join(folder, 'dist');
}

/** What the base images bring, in a Debian. */
async function baseImage(name: Name, folder: string): Promise<void> {
  await makeDebian(folder, ['busybox', 'ca-certificates']);
  if (name === 'server') cpSync(process.execPath, path.join(folder, 'usr/local/bin/node'));
  if (name !== 'caddy') return;
  cpSync(
    path.join(await unpackDebian('caddy'), 'usr/bin/caddy'),
    path.join(folder, 'usr/bin/caddy'),
  );
  for (const each of ['data', 'config']) mkdirSync(path.join(folder, each));
  symlinkSync('busybox', path.join(folder, 'usr/bin/wget'));
  // Debian's program has no right of its own to lose.
  writeFileSync(path.join(folder, 'usr/bin/setcap'), '#!/bin/sh\n', { mode: 0o755 });
}

/** Where the two build stages would have put something. */
function built(dist: string, from: string | undefined, source: string): string {
  const known: Record<string, string> = {
    'bundles /build/dist': dist,
    'programs /out/headscale': path.join(bin, 'headscale'),
    'programs /out/tailscale': path.join(directory, 'tailscale'),
  };
  const found = from === undefined ? path.join(project, source) : known[`${from} ${source}`];
  if (found === undefined) throw new Error(`nothing stands for ${source} of ${from}`);
  return found;
}

describe.runIf(userInfo().uid === 0)('the services of the compose file', () => {
  const volume = (name: string) => {
    const folder = path.join(directory, 'volumes', name);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  const data = (...names: string[]) => path.join(volume('data'), 'data', ...names);
  const inServer = (script: string) =>
    containers.server.exec(['node', '--input-type=module', '--eval', script], {
      NODE_EXTRA_CA_CERTS: '/tmp/root.crt',
    });

  beforeAll(async () => {
    const dist = await buildBundles();
    const programs = path.join(directory, 'tailscale', 'linux-amd64');
    mkdirSync(programs, { recursive: true });
    for (const name of ['tailscale', 'tailscaled'])
      cpSync(path.join(bin, name), path.join(programs, name), { dereference: true });
    network = await Network.start({
      server: '172.30.85.2',
      headscale: '172.30.85.3',
      caddy: '172.30.85.4',
      [HOST]: '172.30.85.4',
    });
    const services = await composeConfig();
    for (const name of NAMES) {
      const [service, root] = [services[name], path.join(directory, name)];
      if (!service?.build) throw new Error(`no service ${name}`);
      const image = readStage(dockerfile, service.build.target);
      // Of the base image.
      if (name === 'caddy')
        Object.assign(image.env, { XDG_DATA_HOME: '/data', XDG_CONFIG_HOME: '/config' });
      await baseImage(name, root);
      await applyStage(root, image, (from, source) => built(dist, from, source));
      containers[name] = new Container(root, service, image, network);
      await containers[name].start(volume);
    }
  }, 600_000);

  it.each(NAMES)(
    '%s becomes healthy, as an ordinary user on a root that is read-only',
    async (name) => {
      const health = async () => {
        const { code, stderr } = await containers[name]
          .health()
          .catch((error: unknown) => ({ code: -1, stderr: String(error) }));
        return code === 0 ? 'healthy' : `${stderr}\n${containers[name].log.slice(-2000)}`;
      };
      await expect.poll(health, { timeout: 120_000, interval: 1000 }).toBe('healthy');
      const status = readFileSync(`/proc/${containers[name].pid}/status`, 'utf8');
      expect(status).toMatch(/^Uid:\t10001\t10001/m);
      expect(status).toMatch(/^CapBnd:\t0+$/m);
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      const touched = await containers[name].exec(['touch', '/usr/x']);
      expect(touched.stderr).toContain('Read-only file system');
    },
  );

  it('serve one https origin, ready to issue keys, with Headscale’s own API kept inside', async () => {
    const root = path.join(volume('certificates'), 'caddy/pki/authorities/local/root.crt');
    await containers.server.exec(
      ['sh', '-c', 'cat > /tmp/root.crt'],
      {},
      readFileSync(root, 'utf8'),
    );
    const script = `const paths = ['/readyz', '/key?v=142', '/api/v1/user', '/metrics'];
const answers = await Promise.all(paths.map((path) => fetch('https://${HOST}' + path)));
console.log(JSON.stringify(answers.map(({ status }) => status)));`;
    const { stdout, stderr } = await inServer(script);
    expect([stdout, stderr]).toEqual(['[200,200,404,404]\n', '']);
    expect(containers.server.log).toContain(`https://${HOST}/setup#`);
  });

  it('are found good by `hubtab server check`, each upgrade, certificate, relay and STUN', async () => {
    const argv = ['node', '/opt/hubtab/hubtab.mjs', 'server', 'check', '--json'];
    const env = { NODE_EXTRA_CA_CERTS: '/tmp/root.crt' };
    const { code, stdout } = await containers.server.exec(argv, env);
    const found = JSON.parse(stdout) as HealthFinding[];
    // Nobody has made a backup yet; a certificate of Caddy's own lives for hours.
    const bad = found.filter(({ state }) => state !== 'good');
    expect(bad.map(({ name, state }) => [name, state])).toEqual([
      ['backup', 'warning'],
      ['certificate', 'warning'],
    ]);
    const outside = found.filter(({ name }) => ['dns', 'proxy', 'relay', 'stun'].includes(name));
    expect(outside).toHaveLength(4);
    for (const { text } of outside) expect(text).toContain(HOST);
    expect(code).toBe(0);
  });

  it('keep the key between the two to themselves, and replace it when it grows old', async () => {
    const file = data('headscale', 'api-key');
    const before = readFileSync(file, 'utf8');
    expect(statSync(file)).toMatchObject({ uid: 10_001, mode: 0o100600 });
    const old = Date.now() / 1000 - 61 * 24 * 3600;
    utimesSync(file, old, old);
    await expect
      .poll(() => readFileSync(file, 'utf8'), { timeout: 120_000, interval: 1000 })
      .not.toBe(before);
  });

  it('are backed up together, and restored into an empty volume', async () => {
    const hubtab = ['node', '/opt/hubtab/hubtab.mjs', 'server'];
    const backup = await containers.server.exec([
      ...hubtab,
      'backup',
      '/tmp/b.tar',
      '--no-encryption',
    ]);
    expect(backup).toMatchObject({ code: 0 });
    expect(backup.stderr).not.toContain('Headscale is not in it');
    const to = '/var/lib/hubtab/again';
    const restored = await containers.server.exec([
      ...hubtab,
      'restore',
      '/tmp/b.tar',
      '--data',
      to,
    ]);
    expect(restored).toMatchObject({ code: 0 });
    const names = readdirSync(path.join(volume('data'), 'again', 'headscale')).sort();
    expect(names).toEqual(['api-key', 'derp.key', 'headscale.sqlite', 'noise.key']);
  });

  it.each(['server', 'headscale', 'caddy'] as const)(
    '%s ends by itself when it is told to',
    async (name) => {
      // 143: `sh` and `headscale` end by the signal.
      expect([0, 143]).toContain(await containers[name].stop());
    },
  );
});
