import type { Selectable } from 'kysely';
import type { Database } from './database.ts';
import type { HubNoticesTable } from './schema.ts';

export type HubNoticeRow = Selectable<HubNoticesTable>;

/** Notices of a hub that are shown; older ones stay in the audit log. */
const SHOWN = 20;

export async function insertHubNotice(db: Database, row: HubNoticeRow): Promise<void> {
  await db.insertInto('hub_notices').values(row).execute();
}

/** Whether a hub has a notice of a kind that is not older. */
export async function hasHubNoticeSince(
  db: Database,
  notice: Pick<HubNoticeRow, 'hub_id' | 'kind'>,
  sinceMs: number,
): Promise<boolean> {
  const found = await db
    .selectFrom('hub_notices')
    .select('id')
    .where('hub_id', '=', notice.hub_id)
    .where('kind', '=', notice.kind)
    .where('created_at_ms', '>=', sinceMs)
    .executeTakeFirst();
  return found !== undefined;
}

/** The newest notices of some hubs, newest first. */
export async function listHubNotices(
  db: Database,
  hubIds: readonly string[],
): Promise<HubNoticeRow[]> {
  if (hubIds.length === 0) return [];
  const rows = await db
    .selectFrom('hub_notices')
    .selectAll()
    .where('hub_id', 'in', hubIds)
    .orderBy('id', 'desc')
    .execute();
  return hubIds.flatMap((id) => rows.filter((row) => row.hub_id === id).slice(0, SHOWN));
}

/** @returns whether there was one */
export async function deleteHubNotice(db: Database, id: string, hubId: string): Promise<boolean> {
  const result = await db
    .deleteFrom('hub_notices')
    .where('id', '=', id)
    .where('hub_id', '=', hubId)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Notices that nobody dismissed go after a month. */
const KEEP_NOTICES_MS = 30 * 24 * 3600 * 1000;

export async function purgeHubNotices(db: Database, nowMs: number): Promise<void> {
  await db
    .deleteFrom('hub_notices')
    .where('created_at_ms', '<', nowMs - KEEP_NOTICES_MS)
    .execute();
}
