import { parseArgs } from 'node:util';
import { listSessions } from '../agent-sessions.ts';
import { attach, requireSession } from '../attach.ts';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { HubtabError } from '../hubtab-error.ts';
import { tmuxTarget } from '../tmux-target.ts';
import type { Command } from '../command.ts';

const usage = 'SESSION';

export const attachCommand: Command = {
  verb: 'attach',
  usage,
  summary: 'show a session on this terminal; Ctrl+B D leaves it running',
  async run(args, context) {
    const { positionals } = parseOrUsage('agent attach', usage, () =>
      parseArgs({ args, allowPositionals: true, options: {} }),
    );
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) {
      throw new HubtabError(
        EXIT.usage,
        `one session is needed.\nUsage: hubtab agent attach ${usage}`,
      );
    }
    const target = await tmuxTarget(context);
    const session = requireSession(await listSessions(target, context.env), name);
    return attach(target, session.id, context);
  },
};
