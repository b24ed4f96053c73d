import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { EXIT } from './exit-codes.ts';
import { findIn, pathDirectories } from './find-program.ts';
import { HubtabError } from './hubtab-error.ts';
import { runProgram } from './run-program.ts';
import {
  LAUNCHD_LABEL,
  launchdPlist,
  systemdUnit,
  systemUnitName,
  USER_UNIT,
} from './service-files.ts';
import type { CliContext } from './context.ts';
import type { ServiceFacts } from './service-files.ts';

export type ServiceKind = 'systemd-user' | 'systemd-system' | 'launchd';

/** A service manager's file for this hub, and the commands that make it take the file up or let it go. */
export interface ServiceDefinition {
  readonly kind: ServiceKind;
  readonly file: string;
  readonly content: string;
  readonly enable: readonly Step[];
  readonly disable: readonly Step[];
}

interface Step {
  readonly argv: readonly [string, ...string[]];
  /** What a failure means; if unset, the whole command fails. */
  readonly otherwise?: string;
}

/** What this system's manager needs. Makes and runs nothing. */
export function defineService(
  kind: ServiceKind,
  facts: ServiceFacts,
  env: CliContext['env'],
): ServiceDefinition {
  const home = env['HOME'] ?? homedir();
  switch (kind) {
    case 'systemd-user': {
      const xdg = env['XDG_CONFIG_HOME'];
      const config = xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, '.config');
      const systemctl = (...words: string[]): Step => ({ argv: ['systemctl', '--user', ...words] });
      return {
        kind,
        file: join(config, 'systemd', 'user', USER_UNIT),
        content: systemdUnit(facts, 'user'),
        enable: [
          systemctl('daemon-reload'),
          systemctl('enable', '--now', USER_UNIT),
          {
            argv: ['loginctl', 'enable-linger', facts.user],
            otherwise: `The hub goes offline when you log out, until this is run once: sudo loginctl enable-linger ${facts.user}`,
          },
        ],
        disable: [systemctl('disable', '--now', USER_UNIT)],
      };
    }
    case 'systemd-system': {
      const unit = systemUnitName(facts.user);
      return {
        kind,
        file: join('/etc/systemd/system', unit),
        content: systemdUnit(facts, 'system'),
        enable: [
          { argv: ['systemctl', 'daemon-reload'] },
          {
            argv: ['loginctl', 'enable-linger', facts.user],
            otherwise:
              'Without lingering, tmux runs in the service and not beside it; that works too.',
          },
          { argv: ['systemctl', 'enable', '--now', unit] },
        ],
        disable: [{ argv: ['systemctl', 'disable', '--now', unit] }],
      };
    }
    case 'launchd': {
      const file = join(home, 'Library', 'LaunchAgents', `${LAUNCHD_LABEL}.plist`);
      const domain = `gui/${facts.uid}`;
      return {
        kind,
        file,
        content: launchdPlist(facts),
        enable: [{ argv: ['launchctl', 'bootstrap', domain, file] }],
        disable: [{ argv: ['launchctl', 'bootout', `${domain}/${LAUNCHD_LABEL}`] }],
      };
    }
  }
}

/**
 * Which manager there is for this user.
 *
 * @throws HubtabError (prerequisite) if there is none that answers
 */
export async function detectService(env: CliContext['env']): Promise<ServiceKind> {
  if (process.platform === 'darwin') return 'launchd';
  const systemctl = findIn(pathDirectories(env), 'systemctl');
  const probe =
    systemctl === undefined
      ? undefined
      : await runProgram(systemctl, ['--user', 'show-environment'], { env });
  if (probe?.code === 0) return 'systemd-user';
  throw new HubtabError(
    EXIT.prerequisite,
    'no service manager answers here: systemd does not run for this user. Log in by SSH or on a console (not by su), or as root run `hubtab hub service install --system --user NAME`, or let your own supervisor run `hubtab hub run`.',
  );
}

/** Writes the file and enables it. Running it again changes nothing. @throws HubtabError; then the file is gone again */
export async function installService(
  service: ServiceDefinition,
  context: CliContext,
): Promise<void> {
  const wasThere = existsSync(service.file);
  if (wasThere && service.kind === 'launchd') await runSteps(service.disable, context, true);
  mkdirSync(dirname(service.file), { recursive: true });
  writeFileSync(service.file, service.content, { mode: 0o644 });
  try {
    await runSteps(service.enable, context, false);
  } catch (error) {
    if (!wasThere) rmSync(service.file, { force: true });
    throw error;
  }
}

/** Stops and forgets the service; tmux and the agents go on. Answers whether there was one. */
export async function removeService(
  service: ServiceDefinition,
  context: CliContext,
): Promise<boolean> {
  if (!existsSync(service.file)) return false;
  await runSteps(service.disable, context, true);
  rmSync(service.file);
  if (service.kind === 'launchd') return true;
  const scope = service.kind === 'systemd-user' ? ['--user'] : [];
  await runSteps([{ argv: ['systemctl', ...scope, 'daemon-reload'] }], context, true);
  return true;
}

async function runSteps(
  steps: readonly Step[],
  { env, say }: CliContext,
  mayFail: boolean,
): Promise<void> {
  for (const { argv, otherwise } of steps) {
    const [name, ...args] = argv;
    const program = findIn([...pathDirectories(env), '/usr/bin', '/bin'], name);
    const result =
      program === undefined
        ? undefined
        : await runProgram(program, args, { env, timeoutMs: 90_000 });
    if (result?.code === 0) continue;
    const words = result ? result.stderr.trim() : 'it is not installed';
    if (otherwise !== undefined) say(otherwise);
    else if (!mayFail) throw new HubtabError(EXIT.failed, `\`${argv.join(' ')}\` failed: ${words}`);
  }
}
