import { parseArgs } from 'node:util';
import { listSessions } from '../agent-sessions.ts';
import { requireSession } from '../attach.ts';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { HubtabError } from '../hubtab-error.ts';
import { requireTmuxOk, runTmux } from '../tmux.ts';
import { tmuxTarget } from '../tmux-target.ts';
import type { Command } from '../command.ts';

const usage = 'SESSION [--lines N]';

export const logsCommand: Command = {
  verb: 'logs',
  usage,
  summary: "print what tmux still has of a session's output, as plain text",
  async run(args, context) {
    const { values, positionals } = parseOrUsage('agent logs', usage, () =>
      parseArgs({ args, allowPositionals: true, options: { lines: { type: 'string' } } }),
    );
    const [name, ...more] = positionals;
    const lines = values.lines === undefined ? Infinity : Number(values.lines);
    if (name === undefined || more.length > 0 || !(lines > 0)) {
      throw new HubtabError(EXIT.usage, `Usage: hubtab agent logs ${usage}`);
    }
    const target = await tmuxTarget(context);
    const session = requireSession(await listSessions(target, context.env), name);
    // Without -e tmux writes no escape sequences, so this is safe to print. -J joins lines that only the width broke.
    const capture = ['capture-pane', '-p', '-J', '-S', '-', '-t', `${session.id}:`];
    const result = await runTmux(target, [capture], { env: context.env });
    const text = requireTmuxOk(result, `read ${name}`).trimEnd().split('\n');
    context.out(text.slice(-lines).join('\n'));
    return EXIT.ok;
  },
};
