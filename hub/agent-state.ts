import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import type { TmuxCommand } from './tmux.ts';

/** What an agent is doing, in the order in which a session with several panes shows it: the first needs a person most. */
export const AGENT_STATES = ['waiting', 'failed', 'working', 'done', 'unknown'] as const;
export type AgentState = (typeof AGENT_STATES)[number];

/** Design section 8: more does not fit a notification. */
const MAX_QUESTION_CHARACTERS = 200;

export function isAgentState(text: string): text is AgentState {
  return AGENT_STATES.some((state) => state === text);
}

/** One line of at most 200 characters without control or invisible formatting characters. */
export function cleanQuestion(text: string): string {
  // \p{C} includes the marks that turn the direction of text, with which a question could be made to read otherwise.
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return [...line].slice(0, MAX_QUESTION_CHARACTERS).join('');
}

/** Where a hook's `agent state` goes: the pane it runs in. */
export interface CurrentPane {
  readonly socket: string;
  readonly pane: string;
}

/**
 * The pane this process runs in, from the variables tmux sets there.
 *
 * @throws HubtabError if it runs in none.
 */
export function currentPane(env: Readonly<Record<string, string | undefined>>): CurrentPane {
  const pane = env['TMUX_PANE'] ?? '';
  // `<socket>,<pid of the server>,<session>`; a path may itself hold a comma.
  const socket = (env['TMUX'] ?? '').replace(/,\d+,\d+$/, '');
  if (/^%\d+$/.test(pane) && socket.startsWith('/')) return { socket, pane };
  throw new HubtabError(
    EXIT.failed,
    'this does not run in a tmux pane (TMUX and TMUX_PANE are not set), so there is no agent to set the state of.',
  );
}

/**
 * Commands that store the state. On the pane, not the session: another pane of the session may hold another agent, and an
 * option of the session would show in every pane.
 */
export function stateCommands(
  pane: string,
  state: AgentState,
  question: string,
  nowMs: number,
): TmuxCommand[] {
  const set = (name: string, value: string) => ['set-option', '-p', '-t', pane, '--', name, value];
  return [
    set('@agent_state', state),
    set('@agent_since', String(nowMs)),
    question === ''
      ? ['set-option', '-p', '-q', '-u', '-t', pane, '@agent_question']
      : set('@agent_question', question),
  ];
}
