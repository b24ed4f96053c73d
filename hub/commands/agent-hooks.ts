import { existsSync, mkdirSync, realpathSync, statSync, chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { HOOKED_AGENTS, hookFile } from '../agent-hooks.ts';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { HubtabError } from '../hubtab-error.ts';
import { hubPaths } from '../paths.ts';
import { readIfPresent, writePrivateFile } from '../private-files.ts';
import { programFile } from '../program-file.ts';
import type { Command } from '../command.ts';

const usage = `${HOOKED_AGENTS.join('|')} [--install]`;

export const hooksCommand: Command = {
  verb: 'hooks',
  usage,
  summary: 'print what makes a coding agent tell its state, or put it into its settings',
  run(args, context) {
    const { values, positionals } = parseOrUsage('agent hooks', usage, () =>
      parseArgs({ args, allowPositionals: true, options: { install: { type: 'boolean' } } }),
    );
    const agent = HOOKED_AGENTS.find((each) => each === positionals[0]);
    if (agent === undefined || positionals.length > 1) {
      throw new HubtabError(EXIT.usage, `Usage: hubtab agent hooks ${usage}`);
    }
    const { launcher } = hubPaths(context.env);
    // Before this machine is a hub there is no launcher; the program itself then finds Node by PATH.
    const hooks = hookFile(
      agent,
      existsSync(launcher) ? launcher : programFile().path,
      context.env,
    );
    if (!values.install) {
      context.say(`For ${hooks.path} (--install puts it there):`);
      context.out(hooks.snippet);
      return Promise.resolve(EXIT.ok);
    }
    const isChanged = writeMerged(hooks.path, hooks.merge(readIfPresent(hooks.path) ?? ''));
    context.say(isChanged ? `Written to ${hooks.path}.` : `${hooks.path} has it already.`);
    if (agent === 'generic')
      context.say(`Source it from your shell's start-up file: . ${hooks.path}`);
    return Promise.resolve(EXIT.ok);
  },
};

/** Whether anything had to be written. A link, as people with dotfiles have, stays one; the mode stays too. */
function writeMerged(path: string, content: string): boolean {
  if (readIfPresent(path) === content) return false;
  mkdirSync(dirname(path), { recursive: true });
  const target = existsSync(path) ? realpathSync(path) : path;
  const mode = statSync(target, { throwIfNoEntry: false })?.mode;
  writePrivateFile(target, content);
  if (mode !== undefined) chmodSync(target, mode & 0o777);
  return true;
}
