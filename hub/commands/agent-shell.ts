import { parseArgs } from 'node:util';
import { listSessions } from '../agent-sessions.ts';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { tmuxTarget } from '../tmux-target.ts';
import { attachCommand } from './agent-attach.ts';
import type { Command } from '../command.ts';

const usage = '[SESSION]';

export const shellCommand: Command = {
  verb: 'shell',
  usage,
  summary: 'attach to a session, or list all sessions when none is named',
  async run(args, context) {
    const { positionals } = parseOrUsage('agent shell', usage, () =>
      parseArgs({ args, allowPositionals: true, options: {} }),
    );
    if (positionals.length > 0) return attachCommand.run(args, context);
    const sessions = await listSessions(await tmuxTarget(context), context.env);
    for (const session of sessions) context.out(session.name);
    if (sessions.length === 0) context.say('No sessions run here.');
    return EXIT.ok;
  },
};
