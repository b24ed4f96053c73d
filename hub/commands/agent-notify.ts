import { parseArgs } from 'node:util';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { HubtabError } from '../hubtab-error.ts';
import { setState } from '../set-state.ts';
import type { Command } from '../command.ts';

const usage = 'TEXT [--hook]';

export const notifyCommand: Command = {
  verb: 'notify',
  usage,
  summary: 'say in your browser that this pane waits for you, and for what; for scripts',
  async run(args, context) {
    const { values, positionals } = parseOrUsage('agent notify', usage, () =>
      parseArgs({ args, allowPositionals: true, options: { hook: { type: 'boolean' } } }),
    );
    const [text, ...more] = positionals;
    if (text === undefined || more.length > 0) {
      throw new HubtabError(
        EXIT.usage,
        `one text is needed; put it in quotes.\nUsage: hubtab agent notify ${usage}`,
      );
    }
    const told = setState('waiting', text, context);
    await (values.hook ? told.catch(() => undefined) : told);
    return EXIT.ok;
  },
};
