import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { bin, root } from '../../scripts/paths.ts';
import { startServer, type RunningServer } from '../../server/start.ts';

/** `deploy/kamal` without Kamal: what it says is what the compose file says, and its hooks do what they say. */
const HOST = 'hub.test';
const directory = mkdtempSync(path.join(tmpdir(), 'hubtab-kamal-'));
let server: RunningServer | undefined;
afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const Env = z.object({ clear: z.record(z.string(), z.string()) });
const Options = z.object({
  user: z.string(),
  'read-only': z.literal(true),
  'cap-drop': z.literal('ALL'),
});
const Deploy = z.object({
  servers: z.object({ web: z.object({ options: Options }) }),
  builder: z.object({ dockerfile: z.string(), target: z.string() }),
  env: Env,
  accessories: z.object({
    headscale: z.object({
      image: z.string(),
      files: z.array(z.string()),
      options: Options,
      env: Env,
    }),
  }),
});

function compose(): Record<
  string,
  { environment: Record<string, string>; user: string; build?: { target: string } }
> {
  const env = { ...process.env, HUBTAB_HOST: HOST };
  const file = path.join(root, 'deploy', 'compose.yaml');
  const json = execFileSync(path.join(bin, 'compose-config'), [file], { env, encoding: 'utf8' });
  return (JSON.parse(json) as { services: ReturnType<typeof compose> }).services;
}

it('names what the compose file names, and files that are there', () => {
  // Kamal evaluates ERB; all that is in there is one kind of expression.
  const text = readFileSync(path.join(root, 'deploy/kamal/deploy.yml'), 'utf8');
  const plain = text.replaceAll(/<%= ENV\.fetch\('(\w+)'\) %>/g, (_, name) =>
    name === 'HUBTAB_HOST' ? HOST : 'x',
  );
  expect(plain).not.toContain('<%');
  const deploy = Deploy.parse(parse(plain));
  const { server: composed, headscale } = compose();
  const own = ['HUBTAB_BEHIND_PROXY', 'HUBTAB_HEADSCALE_URL', 'HUBTAB_DATABASE_URL'];
  const shared = (env: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(env).filter(([name]) => !own.includes(name)));
  expect(shared(deploy.env.clear)).toEqual(shared(composed?.environment));
  expect(deploy.builder.target).toBe(composed?.build?.target);
  expect(deploy.servers.web.options.user).toBe(composed?.user);
  const accessory = deploy.accessories.headscale;
  expect(accessory.env.clear['HEADSCALE_SERVER_URL']).toBe(
    headscale?.environment['HEADSCALE_SERVER_URL'],
  );
  for (const file of [
    deploy.builder.dockerfile,
    ...accessory.files.map((each) => each.split(':')[0] ?? ''),
  ])
    expect(statSync(path.join(root, file)).isFile()).toBe(true);
  // The version that is pinned for everything else.
  const pinned = /juanfont\/headscale (v\S+)/.exec(
    readFileSync(path.join(root, 'tools/headscale/go.mod'), 'utf8'),
  );
  expect(accessory.image).toBe(`headscale/headscale:${pinned?.[1]}`);
});

beforeAll(async () => {
  server = await startServer(
    {
      dataDir: path.join(directory, 'data'),
      listen: '127.0.0.1:0',
      headscale: { listen: '127.0.0.1:0', binary: path.join(bin, 'headscale') },
    },
    { log: () => {} },
  );
});

/** Runs a hook where `kamal server exec` is this machine and `docker exec` the Headscale that runs here. */
function hook(name: string): string {
  const programs = path.join(directory, 'bin');
  mkdirSync(programs, { recursive: true });
  const stand = (program: string, script: string) =>
    writeFileSync(path.join(programs, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const moved = `sed 's#/var/lib/hubtab#${directory}/volume#g'`;
  // The containers' user need not be there.
  stand('kamal', `[ "$1 $2" = "server exec" ] && sh -c "$(printf '%s' "$5" | ${moved})"`);
  stand('chown', `echo "chown $*" >> ${directory}/calls`);
  stand(
    'install',
    `echo "install $*" >> ${directory}/calls; for last; do :; done; mkdir -p "$last"`,
  );
  const headscale = `exec ${path.join(bin, 'headscale')} -c ${server?.headscaleConfig} "$@"`;
  stand(
    'docker',
    `echo "docker $*" >> ${directory}/calls; [ "$1" = exec ] || exit 0; shift 3; ${headscale}`,
  );
  const env = { PATH: `${programs}:/usr/bin:/bin` };
  return execFileSync(path.join(root, 'deploy/kamal/hooks', name), {
    cwd: root,
    env,
    encoding: 'utf8',
  });
}

it('its hooks make the data folder and the key, and replace the key when it is old, unseen', () => {
  hook('docker-setup');
  const file = path.join(directory, 'volume/data/headscale/api-key');
  expect(hook('pre-deploy')).toBe('');
  const first = readFileSync(file, 'utf8');
  expect(first).toMatch(/^hskey-api-[\w-]{60,}\n$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  hook('pre-deploy');
  expect(readFileSync(file, 'utf8')).toBe(first);
  const old = Date.now() / 1000 - 61 * 24 * 3600;
  utimesSync(file, old, old);
  expect(hook('pre-deploy')).toBe('');
  expect(readFileSync(file, 'utf8')).not.toBe(first);
  hook('pre-app-boot');
  const calls = readFileSync(path.join(directory, 'calls'), 'utf8');
  expect(calls).toContain('install -d -m 0700 -o 10001 -g 10001 ');
  expect(calls).toContain(`chown 10001:10001 ${file}.new`);
  expect(calls).toContain('docker ps --quiet --filter label=service=hubtab');
});
