import { guessState } from './guess-state.ts';
import { isSameIssue } from './issue-ref.ts';
import { isNoServer, requireTmuxOk, runTmux, TmuxListing } from './tmux.ts';
import { WATCH_SESSION } from './tmux-server.ts';
import type { CliContext } from './context.ts';
import type { GuessedState, PaneSigns } from './guess-state.ts';
import type { IssueRef } from './issue-ref.ts';
import type { TmuxRow, TmuxTarget } from './tmux.ts';

/** A tmux session; `agent` is absent if it is not an agent's. */
export interface Session {
  /** tmux's own id, `$3`: unlike a name it cannot be mistaken for a pattern, a window or another session. */
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  /** When a program in it last wrote something. */
  readonly outputAtMs: number;
  readonly state: GuessedState;
  /** Every program in it has ended; what they said last is still on the screen. */
  readonly isDead: boolean;
  readonly agent?: AgentInfo;
}

interface AgentInfo extends IssueRef {
  readonly worktree: string;
  readonly command: string;
}

const SESSION_FIELDS = [
  'session_id',
  'session_name',
  'session_created',
  '@repo',
  '@issue',
  '@worktree',
  '@command',
] as const;
const PANE_FIELDS = [
  'session_id',
  'window_activity',
  'window_bell_flag',
  'pane_title',
  'pane_dead',
  '@agent_state',
  '@agent_question',
  '@agent_since',
] as const;

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
  const outputAtMs = Math.max(0, ...panes.map((pane) => Number(pane.window_activity) * 1000));
  return {
    id: row.session_id,
    name: row.session_name,
    createdAtMs: Number(row.session_created) * 1000,
    outputAtMs,
    state: guessState(panes.map(toSigns), outputAtMs, Date.now()),
    isDead: panes.length > 0 && panes.every((pane) => pane.pane_dead === '1'),
    ...(isAgent
      ? {
          agent: {
            repo: row['@repo'],
            issue,
            worktree: row['@worktree'],
            command: row['@command'],
          },
        }
      : {}),
  };
}

function toSigns(pane: PaneRow): PaneSigns {
  return {
    state: pane['@agent_state'],
    question: pane['@agent_question'],
    since: pane['@agent_since'],
    hasBell: pane.window_bell_flag === '1',
    title: pane.pane_title,
  };
}
