import { ulid } from 'ulid';
import type { HubNotice } from '../../protocol/hubs.ts';
import type { Database } from '../database/database.ts';
import { hasHubNoticeSince, insertHubNotice, type HubNoticeRow } from '../database/hub-notices.ts';
import type { Log } from '../log.ts';

/** The same notice is not repeated for this long: a machine that tries every few seconds is one thing to look at. */
const QUIET_MS = 10 * 60 * 1000;

export interface HubNoticesOptions {
  db: Database;
  clock: () => number;
  log: Log;
}

/** Tells owners what happened to the nodes of their hubs. */
export class HubNotices {
  readonly #options: HubNoticesOptions;

  constructor(options: HubNoticesOptions) {
    this.#options = options;
  }

  async report(hubId: string, kind: HubNotice['kind']): Promise<void> {
    const { db, clock, log } = this.#options;
    log('warn', kind, { hubId });
    const nowMs = clock();
    if (await hasHubNoticeSince(db, { hub_id: hubId, kind }, nowMs - QUIET_MS)) return;
    await insertHubNotice(db, { id: ulid(nowMs), hub_id: hubId, kind, created_at_ms: nowMs });
  }
}

export function toNotice(row: HubNoticeRow): HubNotice {
  return { id: row.id, kind: row.kind, createdAt: new Date(row.created_at_ms).toISOString() };
}
