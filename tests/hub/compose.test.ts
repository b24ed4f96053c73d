import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { composeFile } from '../../hub/compose.ts';

/** What of the compose specification is used; an unknown key is a mistake that Compose would refuse. */
const Compose = z.strictObject({
  services: z.record(
    z.string(),
    z.strictObject({
      build: z.strictObject({ dockerfile_inline: z.string() }),
      command: z.array(z.string()),
      hostname: z.string(),
      init: z.boolean(),
      restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
      stop_grace_period: z.string().regex(/^\d+s$/),
      cap_drop: z.array(z.string()),
      security_opt: z.array(z.string()),
      secrets: z.array(z.string()),
      volumes: z.array(z.string()),
    }),
  ),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
  volumes: z.record(z.string(), z.strictObject({})),
});

const options = {
  serverUrl: 'https://hubtab.example',
  name: `o'neill $HOME \${x} "box"`,
  tokenFile: './join-token',
};
/** Compose's interpolation: a doubled dollar is one, a single one would be a variable. */
const interpolate = (text: string) =>
  text.replaceAll(/\$(\$?)/g, (_, second) => {
    if (second !== '$') throw new Error('a variable that Compose would replace');
    return '$';
  });

it('is a compose file of one unprivileged service without ports', () => {
  const { services, secrets, volumes } = Compose.parse(parse(composeFile(options)));
  expect(services['hub']).toMatchObject({ cap_drop: ['ALL'], volumes: ['home:/home/node'] });
  expect([Object.keys(services), Object.keys(secrets), Object.keys(volumes)]).toEqual([
    ['hub'],
    ['join-token'],
    ['home'],
  ]);
  const image = interpolate(services['hub']?.build.dockerfile_inline ?? '');
  expect(image).toMatch(/^FROM node:\d+-/);
  for (const word of ['tmux', 'git', 'curl', 'USER node']) expect(image).toContain(word);
});

it('joins once with the name as it was given, and then runs the launcher', () => {
  const { services } = Compose.parse(parse(composeFile(options)));
  const [shell, flag, script] = (services['hub']?.command ?? []).map(interpolate);
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
