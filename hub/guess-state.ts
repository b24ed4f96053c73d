import { AGENT_STATES, cleanQuestion, isAgentState } from './agent-state.ts';
import type { AgentState } from './agent-state.ts';

/** What one pane shows of its agent; all of it is text that any program on the machine may have set. */
export interface PaneSigns {
  /** `@agent_state`, `@agent_question`, `@agent_since`; empty if unset. */
  readonly state: string;
  readonly question: string;
  readonly since: string;
  /** The bell rang and nobody has looked since. */
  readonly hasBell: boolean;
  readonly title: string;
}

export interface GuessedState {
  readonly state: AgentState;
  /** What told it; null if nothing did. */
  readonly from: 'hook' | 'bell' | 'title' | 'activity' | null;
  readonly question: string | null;
  /** When a hook set it, in ms since 1970; null if none did. */
  readonly sinceMs: number | null;
}

/** Spinners of coding agents turn several times a second; a pause of this length is none. */
const ACTIVE_MS = 10_000;

/** State of a session: what hooks said, else the bell, else the title, else whether it writes (design section 8). */
export function guessState(
  panes: readonly PaneSigns[],
  outputAtMs: number,
  nowMs: number,
): GuessedState {
  for (const state of AGENT_STATES) {
    const pane = panes.find((each) => each.state === state);
    if (!pane || !isAgentState(state)) continue;
    const sinceMs = Number(pane.since);
    return {
      state,
      from: 'hook',
      question: cleanQuestion(pane.question) || null,
      sinceMs: Number.isSafeInteger(sinceMs) && sinceMs > 0 ? sinceMs : null,
    };
  }
  const guess = (state: AgentState, from: GuessedState['from']): GuessedState => ({
    state,
    from,
    question: null,
    sinceMs: null,
  });
  if (panes.some((pane) => pane.hasBell)) return guess('waiting', 'bell');
  const fromTitle = panes.map((pane) => stateOfTitle(pane.title));
  if (fromTitle.includes('waiting')) return guess('waiting', 'title');
  if (fromTitle.includes('working')) return guess('working', 'title');
  if (nowMs - outputAtMs < ACTIVE_MS) return guess('working', 'activity');
  return guess('unknown', null);
}

/** Claude Code and Codex put a Braille spinner before the title, Gemini CLI a hand or a star. */
function stateOfTitle(title: string): AgentState | undefined {
  if (/^\s*\u270B/.test(title)) return 'waiting';
  return /^\s*[\u2801-\u28FF\u2726]/.test(title) ? 'working' : undefined;
}
