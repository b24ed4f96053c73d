import { cleanQuestion, currentPane, stateCommands } from './agent-state.ts';
import { requireTmux } from './prerequisites.ts';
import { requireTmuxOk, runTmux } from './tmux.ts';
import type { AgentState } from './agent-state.ts';
import type { CliContext } from './context.ts';

/** Stores the state of the agent in the pane this runs in. @throws HubtabError if it runs in none */
export async function setState(
  state: AgentState,
  question: string,
  { env }: CliContext,
): Promise<void> {
  const { socket, pane } = currentPane(env);
  const { path } = await requireTmux(env);
  const commands = stateCommands(pane, state, cleanQuestion(question), Date.now());
  requireTmuxOk(await runTmux({ path, socket }, commands, { env }), 'set the state');
}
