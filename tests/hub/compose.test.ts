import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { composeFile } from '../../hub/compose.ts';

const options = {
  serverUrl: 'https://hubtab.example',
  name: `o'neill $HOME \${x} "box"`,
  tokenFile: './join-token',
};
const directory = mkdtempSync(join(tmpdir(), 'hubtab-compose-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** What Compose makes of a file: its own parser puts in variables, and refuses what it does not know. */
const Compose = z.object({
  services: z.object({
    hub: z.object({
      build: z.object({ dockerfile_inline: z.string() }),
      command: z.array(z.string()),
      cap_drop: z.array(z.string()),
      secrets: z.array(z.object({ source: z.string() })),
      volumes: z.array(z.object({ type: z.string(), source: z.string(), target: z.string() })),
      ports: z.never().optional(),
    }),
  }),
  secrets: z.object({ 'join-token': z.object({ file: z.string() }) }),
});
function composed() {
  const file = join(directory, 'compose.yaml');
  writeFileSync(file, composeFile(options));
  const program = join(import.meta.dirname, '..', '..', '.hubtab', 'bin', 'compose-config');
  const json = execFileSync(program, [file], { encoding: 'utf8', cwd: directory });
  return Compose.parse(JSON.parse(json));
}

it('is a compose file of one unprivileged service without ports', () => {
  const { services, secrets } = composed();
  expect(services.hub).toMatchObject({
    cap_drop: ['ALL'],
    secrets: [{ source: 'join-token' }],
    volumes: [{ type: 'volume', source: 'home', target: '/home/node' }],
  });
  expect(secrets['join-token'].file).toBe(join(directory, 'join-token'));
  const image = services.hub.build.dockerfile_inline;
  expect(image).toMatch(/^FROM node:\d+-/);
  for (const word of ['tmux', 'git', 'curl', 'USER node']) expect(image).toContain(word);
  expect(validate(image)).toEqual([]);
});

it('joins once with the name as it was given, and then runs the launcher', () => {
  const [shell, flag, script] = composed().services.hub.command;
  const home = mkdtempSync(join(tmpdir(), 'hubtab-compose-'));
  try {
    // The container's paths are moved to where the test may write; programs say how they were called.
    const moved = (script ?? '')
      .replaceAll('/home/node', home)
      .replaceAll('/tmp/install.sh', join(home, 'install.sh'));
    const bin = join(home, 'bin');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'curl'),
      `#!/bin/sh\necho "$*" >> ${home}/calls\ncat ${home}/script\n`,
      { mode: 0o755 },
    );
    const launcher = join(home, '.local/state/hubtab/bin/hubtab');
    const install = `printf '%s\\n' "$@" >> ${home}/calls; mkdir -p ${join(launcher, '..')}; touch ${home}/.local/state/hubtab/hub.json
printf '#!/bin/sh\\necho "run $*"\\n' > ${launcher}; chmod +x ${launcher}`;
    writeFileSync(join(home, 'script'), install);
    const start = () =>
      execFileSync(shell ?? '', [flag ?? '', moved], {
        encoding: 'utf8',
        env: { PATH: `${bin}:/usr/bin:/bin` },
      });
    expect(start()).toBe('run hub run\n');
    expect(start()).toBe('run hub run\n');
    const calls = execFileSync('cat', [join(home, 'calls')], { encoding: 'utf8' });
    const once = [
      '-fsSL https://hubtab.example/install.sh',
      '--token-file',
      '/run/secrets/join-token',
      '--name',
      options.name,
    ];
    expect(calls).toBe(`${once.join('\n')}\n`);
  } finally {
    rmSync(home, { recursive: true });
  }
});
