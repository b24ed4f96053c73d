import { parseArgs } from 'node:util';
import { AGENT_STATES, currentPane, isAgentState } from '../agent-state.ts';
import { listSessions } from '../agent-sessions.ts';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { hookMessage } from '../hook-message.ts';
import { HubtabError } from '../hubtab-error.ts';
import { requireTmux } from '../prerequisites.ts';
import { setState } from '../set-state.ts';
import { requireTmuxOk, runTmux } from '../tmux.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';

const usage = `[${AGENT_STATES.join('|')}] [--question TEXT] [--hook] [--json]`;

export const stateCommand: Command = {
  verb: 'state',
  usage,
  summary: 'tell what the agent in this pane is doing, for its hooks; without a state print it',
  async run(args, context) {
    const { values, positionals } = parseOrUsage('agent state', usage, () =>
      parseArgs({
        args,
        allowPositionals: true,
        options: {
          question: { type: 'string' },
          hook: { type: 'boolean' },
          json: { type: 'boolean' },
        },
      }),
    );
    const [state, ...more] = positionals;
    if (state === undefined && !values.hook) return printState(values.json ?? false, context);
    // A hook's program may be given the event as a further argument.
    if (state === undefined || !isAgentState(state) || (more.length > 0 && !values.hook)) {
      throw new HubtabError(EXIT.usage, `one state is needed.\nUsage: hubtab agent state ${usage}`);
    }
    if (!values.hook) await setState(state, values.question ?? '', context);
    else {
      const question = state === 'waiting' ? await hookMessage(more[0]) : '';
      // Outside of tmux there is nobody to tell, and an agent must not stumble over us.
      await setState(state, question, context).catch(() => undefined);
    }
    return EXIT.ok;
  },
};

async function printState(json: boolean, context: CliContext): Promise<ExitCode> {
  const { socket, pane } = currentPane(context.env);
  const { path } = await requireTmux(context.env);
  const target = { path, socket };
  const ask = ['display-message', '-p', '-t', pane, '#{session_id}'];
  const id = requireTmuxOk(await runTmux(target, [ask], { env: context.env }), 'find the session');
  const sessions = await listSessions(target, context.env);
  const session = sessions.find((each) => each.id === id.trim());
  if (!session) throw new HubtabError(EXIT.failed, 'this session has ended.');
  const { state, from, question, sinceMs } = session.state;
  if (json) {
    const since = sinceMs === null ? null : new Date(sinceMs).toISOString();
    const told = { session: session.name, state, stateFrom: from, question, since };
    context.out(JSON.stringify(told, null, 2));
  } else context.out(state);
  return EXIT.ok;
}
