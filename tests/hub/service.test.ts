import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOMParser, onErrorStopParsing } from '@xmldom/xmldom';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { launchdPlist, systemdUnit } from '../../hub/service-files.ts';
import { defineService, installService, removeService } from '../../hub/service-manager.ts';
import type { CliContext } from '../../hub/context.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hubtab-service-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function facts() {
  const launcher = join(directory, `a b%h$HOME \\ "q" 's' <&> é`, 'hubtab');
  mkdirSync(join(launcher, '..'));
  writeFileSync(launcher, '#!/bin/sh\nfor word in "$0" "$@"; do echo "$word"; done\n', {
    mode: 0o755,
  });
  return { launcher, user: 'games', uid: 5, logFile: join(directory, 'log') };
}

it.each(['user', 'system'] as const)(
  'a %s unit is one that systemd takes, and runs the launcher',
  (kind) => {
    const { launcher, ...rest } = facts();
    const unit = systemdUnit({ launcher, ...rest }, kind);
    const file = join(directory, 'hubtab.service');
    writeFileSync(file, unit);
    const env = { ...process.env, XDG_RUNTIME_DIR: directory };
    const verified = spawnSync('systemd-analyze', [`--${kind}`, 'verify', file], {
      encoding: 'utf8',
      env,
    });
    // It also exits with 0 when it only warns of what it does not understand.
    expect({ code: verified.status, said: verified.stderr }).toEqual({ code: 0, said: '' });
    // In the words of a shell: systemd's own escapes undone, its double quotes are the same.
    const line = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '';
    const shell = line.replaceAll('%%', '%').replaceAll('$$', String.raw`\$`);
    expect(execFileSync('sh', ['-c', shell], { encoding: 'utf8' })).toBe(`${launcher}\nhub\nrun\n`);
  },
);

it('a launchd agent is well-formed and runs the launcher', () => {
  const { launcher, ...rest } = facts();
  const parser = new DOMParser({ onError: onErrorStopParsing });
  const plist = parser.parseFromString(launchdPlist({ launcher, ...rest }), 'text/xml');
  const words = [...plist.getElementsByTagName('string')].slice(1, 4);
  expect(words.map((word) => word.textContent)).toEqual([launcher, 'hub', 'run']);
  const keys = [...plist.getElementsByTagName('key')].map((key) => key.textContent);
  expect(keys).toContain('KeepAlive');
  expect(keys).toContain('AbandonProcessGroup');
});

it('a path that no service file can hold is refused', () => {
  const { launcher, ...rest } = facts();
  expect(() => systemdUnit({ ...rest, launcher: `${launcher}\nUser=root` }, 'user')).toThrow(
    'control character',
  );
});

/** Programs that write down how they are called: systemd itself does not run where tests do. */
function managers(exitCode: number): {
  context: CliContext;
  calls: () => string[];
  said: string[];
} {
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  const log = join(directory, 'calls');
  writeFileSync(log, '');
  for (const name of ['systemctl', 'loginctl']) {
    writeFileSync(
      join(bin, name),
      `#!/bin/sh\necho "${name} $*" >> ${log}\necho no bus >&2\nexit ${exitCode}\n`,
    );
    chmodSync(join(bin, name), 0o755);
  }
  const said: string[] = [];
  const context = {
    env: { PATH: `${bin}:/usr/bin:/bin`, HOME: directory },
    cwd: directory,
    isTty: false,
    out: () => undefined,
    say: (line: string) => void said.push(line),
  };
  return { context, calls: () => readFileSync(log, 'utf8').trim().split('\n'), said };
}

it('is enabled with lingering, and removed again', async () => {
  const { context, calls, said } = managers(0);
  const service = defineService('systemd-user', facts(), context.env);
  await installService(service, context);
  expect(calls()).toEqual([
    'systemctl --user daemon-reload',
    'systemctl --user enable --now hubtab.service',
    'loginctl enable-linger games',
  ]);
  expect(service.file).toBe(join(directory, '.config', 'systemd', 'user', 'hubtab.service'));
  expect(readFileSync(service.file, 'utf8')).toBe(service.content);
  expect(await removeService(service, context)).toBe(true);
  expect(existsSync(service.file)).toBe(false);
  expect(calls().slice(3)).toEqual([
    'systemctl --user disable --now hubtab.service',
    'systemctl --user daemon-reload',
  ]);
  expect(await removeService(service, context)).toBe(false);
  expect(said).toEqual([]);
});

it('leaves no file when the manager refuses', async () => {
  const { context } = managers(1);
  const service = defineService('systemd-user', facts(), context.env);
  await expect(installService(service, context)).rejects.toThrow(
    '`systemctl --user daemon-reload` failed: no bus',
  );
  expect(existsSync(service.file)).toBe(false);
});
