import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { listSessions } from '../agent-sessions.ts';
import { requireSession } from '../attach.ts';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { HubtabError } from '../hubtab-error.ts';
import { stopAgent } from '../stop-agent.ts';
import { tmuxTarget } from '../tmux-target.ts';
import { removeWorktree, unsavedWork } from '../worktree.ts';
import type { Command } from '../command.ts';

const usage = 'SESSION [--remove] [--json]';

/** What `hubtab agent stop --json` prints. */
interface Stopped {
  readonly session: string;
  readonly worktree: string;
  readonly isWorktreeRemoved: boolean;
}

export const stopCommand: Command = {
  verb: 'stop',
  usage,
  summary:
    'ask an agent to end; its branch stays, its worktree too unless --remove and it is clean',
  async run(args, context) {
    const { values, positionals } = parseOrUsage('agent stop', usage, () =>
      parseArgs({
        args,
        allowPositionals: true,
        options: { remove: { type: 'boolean' }, json: { type: 'boolean' } },
      }),
    );
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) {
      throw new HubtabError(
        EXIT.usage,
        `one session is needed.\nUsage: hubtab agent stop ${usage}`,
      );
    }
    const target = await tmuxTarget(context);
    const session = requireSession(await listSessions(target, context.env), name);
    if (!session.agent) {
      throw new HubtabError(
        EXIT.conflict,
        `${JSON.stringify(name)} is not an agent's session, so it is left alone. End it with tmux kill-session.`,
      );
    }
    const { worktree } = session.agent;
    const isRemoving = values.remove === true && existsSync(worktree);
    // Before anything is stopped: whoever wants both gets both or neither.
    if (isRemoving) await requireClean(worktree, context.env);
    await stopAgent(target, session, context.env);
    if (isRemoving) {
      // Again: the agent may have saved something when it was asked to end.
      await requireClean(worktree, context.env);
      await removeWorktree(worktree, context.env);
    }
    const stopped: Stopped = { session: name, worktree, isWorktreeRemoved: isRemoving };
    if (values.json) context.out(JSON.stringify(stopped, null, 2));
    const rest = isRemoving
      ? 'Its branch stays.'
      : `Its worktree stays: ${JSON.stringify(worktree)}`;
    context.say(`Stopped ${name}. ${rest}`);
    return EXIT.ok;
  },
};

async function requireClean(
  worktree: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const unsaved = await unsavedWork(worktree, env);
  if (unsaved === undefined) return;
  throw new HubtabError(
    EXIT.conflict,
    `${worktree} has ${unsaved}, so it is not removed. Commit or discard them, or leave out --remove.`,
  );
}
