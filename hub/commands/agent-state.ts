import { parseArgs } from 'node:util';
import {
  AGENT_STATES,
  cleanQuestion,
  currentPane,
  isAgentState,
  stateCommands,
} from '../agent-state.ts';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { HubtabError } from '../hubtab-error.ts';
import { requireTmux } from '../prerequisites.ts';
import { requireTmuxOk, runTmux } from '../tmux.ts';
import type { Command } from '../command.ts';

const usage = `${AGENT_STATES.join('|')} [--question TEXT]`;

export const stateCommand: Command = {
  verb: 'state',
  usage,
  summary: 'tell what the agent in this pane is doing; for the hooks of coding agents',
  async run(args, context) {
    const { values, positionals } = parseOrUsage('agent state', usage, () =>
      parseArgs({ args, allowPositionals: true, options: { question: { type: 'string' } } }),
    );
    const [state, ...more] = positionals;
    if (state === undefined || !isAgentState(state) || more.length > 0) {
      throw new HubtabError(EXIT.usage, `one state is needed.\nUsage: hubtab agent state ${usage}`);
    }
    const { socket, pane } = currentPane(context.env);
    const { path } = await requireTmux(context.env);
    const question = cleanQuestion(values.question ?? '');
    const commands = stateCommands(pane, state, question, Date.now());
    requireTmuxOk(await runTmux({ path, socket }, commands, { env: context.env }), 'set the state');
    return EXIT.ok;
  },
};
