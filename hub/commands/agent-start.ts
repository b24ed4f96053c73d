import { parseArgs } from 'node:util';
import { startAgent } from '../agent-start.ts';
import { attach } from '../attach.ts';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { HubtabError } from '../hubtab-error.ts';
import { parseIssueRef } from '../issue-ref.ts';
import { withLock } from '../lock.ts';
import { hubPaths } from '../paths.ts';
import { requireOrdinaryUser } from '../prerequisites.ts';
import { tmuxTarget } from '../tmux-target.ts';
import type { Command } from '../command.ts';
import type { StartRequest } from '../agent-start.ts';

/** Another start may be checking out a large repository. */
const LOCK_TIMEOUT_MS = 600_000;

const usage =
  '--repo OWNER/NAME --issue N [--dir PATH] [--base BRANCH] [--detach] [--json] [-- COMMAND...]';

export const startCommand: Command = {
  verb: 'start',
  usage,
  summary:
    'start an agent in a worktree beside the checkout, or find the one that runs; prints the session name',
  async run(args, context) {
    const { request, json, detach } = parse(args);
    requireOrdinaryUser('an agent');
    const target = await tmuxTarget(context);
    const agent = await withLock(hubPaths(context.env).agentLockFile, LOCK_TIMEOUT_MS, () =>
      startAgent(request, target, context),
    );
    if (json) context.out(JSON.stringify(agent, null, 2));
    else context.out(agent.session);
    if (json || detach || !context.isTty) return EXIT.ok;
    return attach(target, agent.sessionId, context);
  },
};

function parse(args: string[]): { request: StartRequest; json: boolean; detach: boolean } {
  // What stands after `--` is the agent's, also where it looks like an option of ours.
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  const { values } = parseOrUsage('agent start', usage, () =>
    parseArgs({
      args: own,
      options: {
        repo: { type: 'string' },
        issue: { type: 'string' },
        dir: { type: 'string' },
        base: { type: 'string' },
        detach: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    }),
  );
  if (values.base !== undefined && !/^[^\s-]\S{0,250}$/.test(values.base)) {
    throw new HubtabError(
      EXIT.usage,
      `--base must be a branch or commit, not ${JSON.stringify(values.base)}.`,
    );
  }
  const command = end === -1 ? [] : args.slice(end + 1);
  if (command[0] === '') throw new HubtabError(EXIT.usage, 'the command after -- is empty.');
  return {
    request: {
      ...parseIssueRef(values.repo, values.issue),
      directory: values.dir,
      base: values.base,
      command,
    },
    json: values.json ?? false,
    detach: values.detach ?? false,
  };
}
