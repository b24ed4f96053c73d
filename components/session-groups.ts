import { i18n } from '#i18n';
import { isLastKnown } from '../lib/waiting.ts';
import type { Fault, HubView } from '../protocol/contexts.ts';
import type { AgentState } from '../protocol/sessions.ts';
import { sessionRow, STATE_LABELS, type SessionRow } from './session-view.ts';
import { agoText, clockText } from './times.ts';

/** A list that is younger needs no time beside it. */
const FRESH_MS = 60_000;

/** Under "Waiting for you" stand the waiting ones; in a hub the others in this order. */
const RANK: Record<AgentState, number> = { waiting: 0, working: 1, failed: 2, done: 3, unknown: 4 };

export interface HubGroup {
  view: HubView;
  /** All its sessions stand under "Waiting for you" and nothing is wrong: its heading would head nothing. */
  isHidden: boolean;
  isOld: boolean;
  /** Path and latency, or why there is none. */
  status: string;
  rows: SessionRow[];
  fault: Fault | undefined;
  /** What stands instead of rows. */
  note: 'none' | 'reading' | 'no-sessions';
}

export interface SessionGroups {
  waiting: SessionRow[];
  hubs: HubGroup[];
}

/** Sorts the sessions of all hubs into the popup's groups. */
export function sessionGroups(hubs: HubView[], isOnline: boolean, nowMs: number): SessionGroups {
  const waiting: SessionRow[] = [];
  const groups = hubs.map((view): HubGroup => {
    const isOld = !isOnline || isLastKnown(view);
    const all = view.sessions.map((session) => ({
      session,
      row: sessionRow(view, session, isOld, nowMs),
    }));
    const waitsNow = (state: AgentState) => state === 'waiting' && !isOld;
    waiting.push(...all.filter(({ session }) => waitsNow(session.state)).map(({ row }) => row));
    const rows = all
      .filter(({ session }) => !waitsNow(session.state))
      .sort((a, b) => RANK[a.session.state] - RANK[b.session.state] || byAgeThenName(a.row, b.row))
      .map(({ row }) => row);
    const fault = isOnline ? hubFault(view) : undefined;
    return {
      view,
      isHidden: view.sessions.length > 0 && rows.length === 0 && fault === undefined,
      isOld,
      status: isOnline ? statusWithAge(view, nowMs) : '',
      rows,
      fault,
      note: hubNote(view, isOnline),
    };
  });
  waiting.sort((a, b) => a.sinceMs - b.sinceMs || compare(a.key, b.key));
  return { waiting, hubs: groups };
}

/** All rows in the order in which the arrow keys pass them. */
export function rowsInOrder(groups: SessionGroups): SessionRow[] {
  return [...groups.waiting, ...groups.hubs.flatMap((group) => group.rows)];
}

/**
 * Rows that match every word of the query, best first: a name that begins with it, then one that holds it, then the
 * rest. Among equals whoever waits comes first.
 */
export function filterRows(rows: SessionRow[], query: string): SessionRow[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows
    .map((row, index) => ({ row, index, score: matchScore(row, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map(({ row }) => row);
}

function matchScore(row: SessionRow, words: string[]): number {
  const name = `${row.label.name} ${row.label.issue}`.toLowerCase();
  const rest = `${row.session} ${row.hubName} ${row.say} ${STATE_LABELS[row.state]}`.toLowerCase();
  let total = 0;
  for (const word of words) {
    if (name.startsWith(word) || name.includes(` ${word}`)) total += 4;
    else if (row.label.issue === `#${word}`) total += 4;
    else if (name.includes(word)) total += 2;
    else if (rest.includes(word)) total += 1;
    else return 0;
  }
  return total;
}

export function hubFault(view: HubView): Fault | undefined {
  if (!view.hub.online) return undefined; // its header says so already
  if (view.unit.kind === 'failed') return view.unit.fault;
  return view.sessionsFault;
}

function hubNote(view: HubView, isOnline: boolean): HubGroup['note'] {
  if (view.sessions.length > 0 || !view.hub.online || !isOnline || hubFault(view)) return 'none';
  return view.sessionsAtMs === undefined ? 'reading' : 'no-sessions';
}

/** The status, and how old the list is where changes are not told as they happen. */
function statusWithAge(view: HubView, nowMs: number): string {
  const status = hubStatus(view, nowMs);
  const { isWatched = false, sessionsAtMs = nowMs } = view;
  if (isWatched || !view.hub.online || nowMs - sessionsAtMs < FRESH_MS) return status;
  const asOf = i18n.t('popup.asOf', { time: clockText(sessionsAtMs, nowMs) });
  return [status, asOf].filter(Boolean).join(' · ');
}

/** "relay fra · 42 ms", "Offline, last seen 12 min ago", "Connecting". */
export function hubStatus(view: HubView, nowMs: number): string {
  const { hub, unit } = view;
  if (!hub.online) {
    if (hub.lastSeenAt === null) return i18n.t('hub.never');
    return i18n.t('hub.offline', { ago: agoText(Date.parse(hub.lastSeenAt), nowMs) });
  }
  switch (unit.kind) {
    case 'off':
      return '';
    case 'joining':
      return i18n.t('hub.connecting');
    case 'reconnecting':
      return i18n.t('hub.reconnecting');
    case 'running':
      return unit.path === undefined ? i18n.t('hub.connected') : pathText(unit.path);
    case 'failed':
      return i18n.t('hub.notConnected');
  }
}

/** "relay fra · 42 ms". A bare relay name gets its word; "direct" and whole texts stay as they are. */
export function pathText(path: { via: string; rttMs: number }): string {
  const isBare = path.via !== 'direct' && !path.via.includes(' ');
  const via = isBare ? i18n.t('hub.relay', { name: path.via }) : path.via;
  return `${via} · ${i18n.t('time.ms', [Math.max(1, Math.round(path.rttMs))])}`;
}

/** Newest first, but idle sessions by name: their last output changes all the time, and rows must not dance. */
function byAgeThenName(a: SessionRow, b: SessionRow): number {
  if (a.state === 'unknown' || a.isOld)
    return compare(a.label.name, b.label.name) || compare(a.key, b.key);
  return b.sinceMs - a.sinceMs || compare(a.key, b.key);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
