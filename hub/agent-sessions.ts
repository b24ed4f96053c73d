import { AGENT_STATES, cleanQuestion, isAgentState } from './agent-state.ts';
import { isSameIssue } from './issue-ref.ts';
import { isNoServer, requireTmuxOk, runTmux, TmuxListing } from './tmux.ts';
import { WATCH_SESSION } from './tmux-server.ts';
import type { AgentState } from './agent-state.ts';
import type { CliContext } from './context.ts';
import type { IssueRef } from './issue-ref.ts';
import type { TmuxRow, TmuxTarget } from './tmux.ts';

/** A tmux session; `agent` is absent if it is not an agent's. */
export interface Session {
  /** tmux's own id, `$3`: unlike a name it cannot be mistaken for a pattern, a window or another session. */
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly activeAtMs: number;
  readonly agent?: AgentInfo;
}

export interface AgentInfo extends IssueRef {
  readonly worktree: string;
  readonly command: string;
  readonly state: AgentState;
  readonly question: string | null;
  /** When the state was set; null if nobody set one. */
  readonly sinceMs: number | null;
}

const SESSION_FIELDS = [
  'session_id',
  'session_name',
  'session_created',
  'session_activity',
  '@repo',
  '@issue',
  '@worktree',
  '@command',
] as const;
const PANE_FIELDS = ['session_id', '@agent_state', '@agent_question', '@agent_since'] as const;

type SessionRow = TmuxRow<(typeof SESSION_FIELDS)[number]>;
type PaneRow = TmuxRow<(typeof PANE_FIELDS)[number]>;

/** All sessions of the server but our hidden one, by name. Empty if no server runs. */
export async function listSessions(target: TmuxTarget, env: CliContext['env']): Promise<Session[]> {
  const sessions = new TmuxListing(SESSION_FIELDS);
  const panes = new TmuxListing(PANE_FIELDS);
  const list = await runTmux(target, [['list-sessions', '-F', sessions.format]], { env });
  if (isNoServer(list)) return [];
  const rows = sessions.parse(requireTmuxOk(list, 'list sessions'));
  const paneList = await runTmux(target, [['list-panes', '-a', '-F', panes.format]], { env });
  // The last session may have ended since.
  const paneRows = isNoServer(paneList) ? [] : panes.parse(requireTmuxOk(paneList, 'list panes'));
  return rows
    .filter((row) => row.session_name !== WATCH_SESSION)
    .map((row) =>
      toSession(
        row,
        paneRows.filter((pane) => pane.session_id === row.session_id),
      ),
    );
}

/** The session of this agent, whatever its name. */
export function findAgent(sessions: readonly Session[], ref: IssueRef): Session | undefined {
  return sessions.find((session) => session.agent && isSameIssue(session.agent, ref));
}

/** Builds a session from what tmux said of it and of its panes. */
function toSession(row: SessionRow, panes: readonly PaneRow[]): Session {
  const issue = Number(row['@issue']);
  const isAgent = /^[^\s/]+\/[^\s/]+$/.test(row['@repo']) && Number.isInteger(issue) && issue > 0;
  return {
    id: row.session_id,
    name: row.session_name,
    createdAtMs: Number(row.session_created) * 1000,
    activeAtMs: Number(row.session_activity) * 1000,
    ...(isAgent
      ? {
          agent: {
            repo: row['@repo'],
            issue,
            worktree: row['@worktree'],
            command: row['@command'],
            ...mostUrgent(panes),
          },
        }
      : {}),
  };
}

function mostUrgent(panes: readonly PaneRow[]): Pick<AgentInfo, 'state' | 'question' | 'sinceMs'> {
  for (const state of AGENT_STATES) {
    const pane = panes.find((each) => each['@agent_state'] === state);
    if (!pane || !isAgentState(state)) continue;
    const sinceMs = Number(pane['@agent_since']);
    return {
      state,
      question: cleanQuestion(pane['@agent_question']) || null,
      sinceMs: Number.isSafeInteger(sinceMs) && sinceMs > 0 ? sinceMs : null,
    };
  }
  return { state: 'unknown', question: null, sinceMs: null };
}
