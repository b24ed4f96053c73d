import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { requireHubFile } from '../hub-file.ts';
import { HubtabError } from '../hubtab-error.ts';
import { hubPaths } from '../paths.ts';
import { requireOrdinaryUser } from '../prerequisites.ts';
import { runProgram } from '../run-program.ts';
import { defineService, detectService, installService, removeService } from '../service-manager.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import type { ServiceFacts } from '../service-files.ts';
import type { ServiceDefinition, ServiceKind } from '../service-manager.ts';

const usage =
  'install|remove [--system --user NAME] [--print systemd-user|systemd-system|launchd] [--json]';
const KINDS: readonly ServiceKind[] = ['systemd-user', 'systemd-system', 'launchd'];

export const serviceCommand: Command = {
  verb: 'service',
  usage,
  summary: 'let systemd or launchd keep this hub online, also after a restart of the machine',
  async run(args, context) {
    const { action, values } = parse(args);
    const facts = values.system
      ? await factsOfUser(values.user)
      : ownFacts(context, action === 'install');
    if (values.print !== undefined) {
      context.out(defineService(requireKind(values.print), facts, context.env).content.trimEnd());
      return EXIT.ok;
    }
    const kind = values.system ? 'systemd-system' : await detectService(context.env);
    const service = defineService(kind, facts, context.env);
    if (action === 'install') await installService(service, context);
    const isChanged = action === 'install' || (await removeService(service, context));
    report(service, action, isChanged, values.json ?? false, context);
    return EXIT.ok;
  },
};

function parse(args: string[]) {
  const { values, positionals } = parseOrUsage('hub service', usage, () =>
    parseArgs({
      args,
      allowPositionals: true,
      options: {
        system: { type: 'boolean' },
        user: { type: 'string' },
        print: { type: 'string' },
        json: { type: 'boolean' },
      },
    }),
  );
  const [action, ...more] = positionals;
  if ((action !== 'install' && action !== 'remove') || more.length > 0) {
    throw new HubtabError(EXIT.usage, `Usage: hubtab hub service ${usage}`);
  }
  return { action, values } as const;
}

function requireKind(text: string): ServiceKind {
  const kind = KINDS.find((each) => each === text);
  if (kind) return kind;
  throw new HubtabError(EXIT.usage, `--print takes one of ${KINDS.join(', ')}.`);
}

function ownFacts({ env }: CliContext, isJoinNeeded: boolean): ServiceFacts {
  const user = requireOrdinaryUser('the service of a hub');
  const paths = hubPaths(env);
  if (isJoinNeeded) requireHubFile(paths);
  const logFile = join(env['HOME'] ?? homedir(), 'Library', 'Logs', 'hubtab.log');
  return { launcher: paths.launcher, user, uid: userInfo().uid, logFile };
}

/** Root makes the system unit of somebody's hub; where that one's launcher is, only that one knows. */
async function factsOfUser(user: string | undefined): Promise<ServiceFacts> {
  if (process.getuid?.() !== 0 || user === undefined) {
    throw new HubtabError(
      EXIT.usage,
      'a system service is made by root for the user who has the hub: sudo hubtab hub service install --system --user NAME',
    );
  }
  const passwd = await runProgram('/usr/bin/getent', ['passwd', user]);
  const [name, , uid, , , home] = passwd.stdout.trim().split(':');
  if (passwd.code !== 0 || name !== user || home === undefined || uid === '0') {
    throw new HubtabError(EXIT.prerequisite, `there is no ordinary user ${JSON.stringify(user)}.`);
  }
  const { launcher } = hubPaths({ HOME: home });
  if (!existsSync(launcher)) {
    throw new HubtabError(
      EXIT.notJoined,
      `${user} has no hub yet (${launcher} is missing): run \`hubtab hub join\` as that user first.`,
    );
  }
  return { launcher, user, uid: Number(uid), logFile: '/dev/null' };
}

function report(
  { kind, file }: ServiceDefinition,
  action: 'install' | 'remove',
  isChanged: boolean,
  json: boolean,
  context: CliContext,
): void {
  const isInstalled = action === 'install';
  if (json) context.out(JSON.stringify({ kind, file, installed: isInstalled }, null, 2));
  if (isInstalled) context.say(`${file} keeps this hub online from now on.`);
  else if (isChanged)
    context.say(`Removed ${file}; agents go on. \`hubtab hub up\` brings the hub online.`);
  else context.say('There is no such service; nothing to do.');
}
