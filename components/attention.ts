import { i18n } from '#i18n';
import type { Settings } from '../lib/settings-table.ts';
import { waitingSessions, waitingSinceMs, type WaitingSession } from '../lib/waiting.ts';
import type { HubView } from '../protocol/contexts.ts';
import { plainText } from './plain-text.ts';
import { sessionLabel } from './session-view.ts';

/** Who was told of already. Kept while the browser runs, since the service worker is stopped at will. */
export interface Told {
  /** Hubs whose sessions were read before: who waited there at the first reading is no news. */
  hubs: string[];
  /** Sessions that wait, and since when. */
  waiting: Record<string, number>;
  /** When each hub's last notices were shown, ms. */
  shownAtMs: Record<string, number[]>;
}

export const NOBODY_TOLD: Told = { hubs: [], waiting: {}, shownAtMs: {} };

/** A hub may show so many notices in so long: an agent, or somebody on the hub, may turn its state on and off for ever. */
const MOST_NOTICES = 4;
const NOTICES_MS = 60_000;

export interface Occasion {
  nowMs: number;
  /** Nothing is to be shown: by choice, or at this hour. */
  isQuiet: boolean;
  /** The session that the person looks at, if any. */
  lookedAt: string | undefined;
}

/** Decides who is news. What is not shown, for whatever reason, is not shown later either: the badge counts it. */
export function news(
  before: Told,
  hubs: readonly HubView[],
  { nowMs, isQuiet, lookedAt }: Occasion,
): { told: Told; show: WaitingSession[]; withdraw: string[] } {
  const waiting = waitingSessions(hubs);
  const read = hubs.filter(
    ({ sessionsAtMs, isRecalled }) => sessionsAtMs !== undefined && !isRecalled,
  );
  const shownAtMs = Object.fromEntries(
    hubs.map(({ hub }) => [
      hub.id,
      (before.shownAtMs[hub.id] ?? []).filter((atMs) => nowMs - atMs < NOTICES_MS),
    ]),
  );
  const show = waiting.filter(({ key, view, session }) => {
    const isNew = before.waiting[key] !== waitingSinceMs(session);
    const isFirst = !before.hubs.includes(view.hub.id);
    const recent = shownAtMs[view.hub.id] ?? [];
    if (!isNew || isFirst || isQuiet || key === lookedAt || recent.length >= MOST_NOTICES)
      return false;
    recent.push(nowMs);
    return true;
  });
  const now = Object.fromEntries(
    waiting.map(({ key, session }) => [key, waitingSinceMs(session)] as const),
  );
  return {
    told: { hubs: read.map(({ hub }) => hub.id), waiting: now, shownAtMs },
    show,
    withdraw: Object.keys(before.waiting).filter((key) => !(key in now) || key === lookedAt),
  };
}

/** Whether it is within the quiet hours, which may begin before midnight and end after it. */
export function isQuietHour(hours: Settings['quietHours'], now: Date): boolean {
  if (hours === null) return false;
  const minute = now.getHours() * 60 + now.getMinutes();
  const { fromMin, toMin } = hours;
  return fromMin < toMin
    ? minute >= fromMin && minute < toMin
    : minute >= fromMin || minute < toMin;
}

/** What a notification says. All of it but our own words was chosen on the hub. */
export function noticeWords({ view, session }: WaitingSession): { title: string; message: string } {
  const { name, issue } = sessionLabel(session);
  const title =
    issue === ''
      ? i18n.t('notification.session', { session: name })
      : i18n.t('notification.agent', { repo: name, issue: issue.slice(1) });
  const asked = plainText(session.question ?? '') || plainText(session.title);
  const otherwise = session.hasBell ? i18n.t('notification.bell') : i18n.t('notification.waits');
  const hub = i18n.t('notification.where', { hub: plainText(view.hub.name, 80) });
  return { title, message: `${asked || otherwise}\n${hub}` };
}
