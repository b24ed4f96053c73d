import { parseArgs } from 'node:util';
import { listSessions } from '../agent-sessions.ts';
import { requireSession } from '../attach.ts';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { HubtabError } from '../hubtab-error.ts';
import { requireTmuxOk, runTmux } from '../tmux.ts';
import { tmuxTarget } from '../tmux-target.ts';
import type { Command } from '../command.ts';

const usage = 'SESSION';

export const stopCommand: Command = {
  verb: 'stop',
  usage,
  summary: "end an agent's session; its worktree and branch stay",
  async run(args, context) {
    const { positionals } = parseOrUsage('agent stop', usage, () =>
      parseArgs({ args, allowPositionals: true, options: {} }),
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
    const result = await runTmux(target, [['kill-session', '-t', session.id]], {
      env: context.env,
    });
    requireTmuxOk(result, `stop ${name}`);
    context.say(`Stopped ${name}. The worktree stays: ${JSON.stringify(session.agent.worktree)}`);
    return EXIT.ok;
  },
};
