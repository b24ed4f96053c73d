import { i18n } from '#i18n';
import type { HubView } from '../protocol/contexts.ts';
import type { AgentState, Session } from '../protocol/sessions.ts';
import { plainText } from './plain-text.ts';
import { clockText, spokenAge } from './times.ts';

/** A state as a shape shows it: an agent's, or the last known one of a hub that does not answer. */
export type ShownState = AgentState | 'offline';

export const STATE_LABELS: Record<ShownState, string> = {
  waiting: i18n.t('state.waiting'),
  working: i18n.t('state.working'),
  done: i18n.t('state.done'),
  failed: i18n.t('state.failed'),
  unknown: i18n.t('state.unknown'),
  offline: i18n.t('state.offline'),
};

/** What stands before a tab title: the shapes, in letters. */
export const STATE_MARKS: Record<ShownState, string> = {
  waiting: '◆',
  working: '●',
  done: '✓',
  failed: '✕',
  unknown: '○',
  offline: '◌',
};

/** What a session is called: repository and issue if an agent runs in it, else its own name. */
export interface SessionLabel {
  name: string;
  /** `#412`; empty without an agent. */
  issue: string;
}

export function sessionLabel(session: Pick<Session, 'name' | 'agent'>): SessionLabel {
  if (session.agent === undefined) return { name: plainText(session.name, 80), issue: '' };
  const repo = plainText(session.agent.repo, 80);
  return {
    name: repo.slice(repo.lastIndexOf('/') + 1) || repo,
    issue: `#${plainText(session.agent.issue, 20)}`,
  };
}

/** One session as a row of the popup. */
export interface SessionRow {
  /** Stays the same while the session lives: the active row is found by it after new data came. */
  key: string;
  hubId: string;
  hubName: string;
  session: string;
  state: ShownState;
  label: SessionLabel;
  /** The question, the pane's title, or what was known last. */
  say: string;
  sinceMs: number;
  /** True when this is the last known state, not the present one. */
  isOld: boolean;
  /** The whole row for screen readers. */
  spoken: string;
}

export function sessionRow(
  view: HubView,
  session: Session,
  isOld: boolean,
  nowMs: number,
): SessionRow {
  const label = sessionLabel(session);
  const sinceMs = session.stateSinceMs ?? session.activityAtMs;
  const state = isOld ? 'offline' : session.state;
  const say = isOld ? lastKnown(view, session, nowMs) : saying(session, view.hub.name);
  const word = isOld ? 'offline' : STATE_LABELS[session.state].toLowerCase();
  const age = spokenAge(isOld ? lastSeenMs(view, sinceMs) : sinceMs, nowMs);
  const name = `${label.name} ${label.issue.replace('#', '')}`.trim();
  return {
    key: `${view.hub.id}/${session.name}`,
    hubId: view.hub.id,
    hubName: view.hub.name,
    session: session.name,
    state,
    label,
    say,
    sinceMs: isOld ? lastSeenMs(view, sinceMs) : sinceMs,
    isOld,
    spoken: [name, `${word} ${age}`, view.hub.name, say].filter(Boolean).join(', '),
  };
}

function saying(session: Session, hubName: string): string {
  const title = plainText(session.title);
  // tmux's own default title is the host's name, which says nothing here.
  const telling = title === hubName || title === session.name ? '' : title;
  const program = plainText(session.program, 40);
  switch (session.state) {
    case 'waiting':
      return (
        plainText(session.question ?? '') ||
        telling ||
        i18n.t(session.hasBell ? 'notification.bell' : 'notification.waits')
      );
    case 'working':
      return telling || program;
    case 'done':
      return telling || STATE_LABELS.done;
    case 'failed':
      return telling || STATE_LABELS.failed;
    case 'unknown':
      return telling || program || STATE_LABELS.unknown;
  }
}

function lastKnown(view: HubView, session: Session, nowMs: number): string {
  const state = STATE_LABELS[session.state].toLowerCase();
  if (view.sessionsAtMs === undefined) return i18n.t('session.was', { state });
  return i18n.t('session.wasAt', { state, time: clockText(view.sessionsAtMs, nowMs) });
}

function lastSeenMs(view: HubView, otherwiseMs: number): number {
  return view.sessionsAtMs ?? otherwiseMs;
}
