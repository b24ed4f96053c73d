/** What an agent is doing. `unknown` for sessions that are no agent's, or whose agent never said. */
export type AgentState = 'working' | 'waiting' | 'done' | 'failed' | 'unknown';

/** One tmux session on a hub. Every text in it was chosen on the hub: hostile until shown as text. */
export interface Session {
  /** tmux's own id, `$3`: stable while the session lives. */
  id: string;
  name: string;
  /** Title that the program in the active pane set; empty if it set none. */
  title: string;
  /** Program in the active pane, `vim`. */
  program: string;
  attachedClients: number;
  /** Size of its current window, cells. */
  size: { cols: number; rows: number };
  createdAtMs: number;
  /** Last output or input. */
  activityAtMs: number;
  state: AgentState;
  /** The bell rang in a window that nobody looks at. */
  hasBell?: true;
  /** When the agent entered `state`; unset if it never said. */
  stateSinceMs?: number;
  /** What the agent waits for, if it said. */
  question?: string;
  /** Set for sessions that `hubtab agent start` made. */
  agent?: { repo: string; issue: string };
}
