import type { Insertable, Selectable, Updateable } from 'kysely';
import type { Database } from './database.ts';
import type { HubsTable, IssuedKeysTable } from './schema.ts';

export type HubRow = Selectable<HubsTable>;

/** The Headscale of `headscale` in the configuration. */
export const DEFAULT_SHARD = 'default';

export async function insertHub(db: Database, row: Insertable<HubsTable>): Promise<void> {
  await db.insertInto('hubs').values(row).execute();
}

/** Any state; for the hub's own doors and the reconciler. */
export function findHub(db: Database, id: string): Promise<HubRow | undefined> {
  return db.selectFrom('hubs').selectAll().where('id', '=', id).executeTakeFirst();
}

/** A hub with what an account may do with it. */
export interface ReachableHub extends HubRow {
  owner_email: string;
  /** The accepted share through which the account reaches it; null for its owner. */
  share_id: string | null;
}

/** A hub that the account owns or accepted, or undefined, whether it is foreign, deleted or never was. */
export function findReachableHub(
  db: Database,
  id: string,
  accountId: string,
): Promise<ReachableHub | undefined> {
  return reachableHubs(db, accountId).where('hub.id', '=', id).executeTakeFirst();
}

/** Hubs that the account owns or accepted, in the order of their ids, from the first after `afterId`. */
export function listReachableHubs(
  db: Database,
  accountId: string,
  page: { afterId: string | undefined; limit: number },
): Promise<ReachableHub[]> {
  return reachableHubs(db, accountId)
    .where('hub.id', '>', page.afterId ?? '')
    .orderBy('hub.id')
    .limit(page.limit)
    .execute();
}

function reachableHubs(db: Database, accountId: string) {
  return db
    .selectFrom('hubs as hub')
    .innerJoin('accounts as owner', 'owner.id', 'hub.account_id')
    .leftJoin('shares as share', (join) =>
      join
        .onRef('share.hub_id', '=', 'hub.id')
        .on('share.guest_id', '=', accountId)
        .on('share.state', '=', 'accepted'),
    )
    .selectAll('hub')
    .select(['owner.email as owner_email', 'share.id as share_id'])
    .where('hub.state', '=', 'active')
    .where((on) => on.or([on('hub.account_id', '=', accountId), on('share.id', 'is not', null)]));
}

export async function countHubsOfAccount(db: Database, accountId: string): Promise<number> {
  const { count } = await db
    .selectFrom('hubs')
    .select((query) => query.fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .where('state', '=', 'active')
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Hubs of each shard that its Headscale holds. */
export async function countHubsByShard(db: Database): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('hubs')
    .select((query) => ['shard_id', query.fn.countAll<number>().as('count')])
    .where('state', '!=', 'deleted')
    .groupBy('shard_id')
    .execute();
  return new Map(rows.map(({ shard_id: id, count }) => [id, Number(count)]));
}

/** Where an account's hubs are. */
export async function listShardsOfAccount(db: Database, accountId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('hubs')
    .select('shard_id')
    .distinct()
    .where('account_id', '=', accountId)
    .where('state', '=', 'active')
    .execute();
  return rows.map((row) => row.shard_id);
}

export function listHubsInState(db: Database, state: HubRow['state']): Promise<HubRow[]> {
  return db.selectFrom('hubs').selectAll().where('state', '=', state).execute();
}

/** Changes an active hub. @returns whether there was one */
export async function updateHub(
  db: Database,
  id: string,
  changes: Updateable<HubsTable>,
): Promise<boolean> {
  const result = await db
    .updateTable('hubs')
    .set(changes)
    .where('id', '=', id)
    .where('state', '=', 'active')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** The intent to delete; what Headscale holds goes afterwards. @returns whether the hub was active */
export function markHubDeleting(db: Database, id: string, nowMs: number): Promise<boolean> {
  return updateHub(db, id, { state: 'deleting', deleted_at_ms: nowMs });
}

export async function markHubDeleted(db: Database, id: string): Promise<void> {
  await db
    .updateTable('hubs')
    .set({
      state: 'deleted',
      headscale_user_id: null,
      node_id: null,
      node_key: null,
      node_ip: null,
    })
    .where('id', '=', id)
    .where('state', '=', 'deleting')
    .execute();
}

/** A deleted hub is remembered for a month, so that its machine is told to leave when it comes back. */
const KEEP_DELETED_HUBS_MS = 30 * 24 * 3600 * 1000;

export async function purgeHubs(db: Database, nowMs: number): Promise<void> {
  await db
    .deleteFrom('hubs')
    .where('state', '=', 'deleted')
    .where('deleted_at_ms', '<', nowMs - KEEP_DELETED_HUBS_MS)
    .execute();
}

/**
 * Forgets keys of a shard that ended long ago.
 * @param inUse ids that Headscale gave to the keys of living nodes: these tell whose node it is
 */
export async function purgeIssuedKeys(
  db: Database,
  shardId: string,
  nowMs: number,
  inUse: readonly string[],
): Promise<void> {
  let query = db
    .deleteFrom('issued_keys')
    .where('expires_at_ms', '<', nowMs - KEEP_DELETED_HUBS_MS)
    // Those of hubs that are forgotten are nobody's.
    .where('hub_id', 'not in', (others) =>
      others.selectFrom('hubs').select('id').where('shard_id', '!=', shardId),
    );
  if (inUse.length > 0) {
    query = query.where((on) =>
      on.or([on('headscale_key_id', 'is', null), on('headscale_key_id', 'not in', inUse)]),
    );
  }
  await query.execute();
}

export async function insertIssuedKey(
  db: Database,
  row: Insertable<IssuedKeysTable>,
): Promise<void> {
  await db.insertInto('issued_keys').values(row).execute();
}

export async function updateIssuedKey(
  db: Database,
  id: string,
  changes: Updateable<IssuedKeysTable>,
): Promise<void> {
  await db.updateTable('issued_keys').set(changes).where('id', '=', id).execute();
}

/** Of these Headscale keys, those whose browser said which one it is; oldest first. */
export async function listInstanceKeys(db: Database, headscaleKeyIds: readonly string[]) {
  if (headscaleKeyIds.length === 0) return []; // not every database takes an empty list
  return (
    db
      .selectFrom('issued_keys')
      .select(['headscale_key_id', 'hub_id', 'account_id', 'instance', 'created_at_ms'])
      .where('headscale_key_id', 'in', headscaleKeyIds)
      .where('instance', 'is not', null)
      // A Headscale that was made anew counts its keys from 1 again: the newest row of an id is the one that is meant.
      .orderBy('created_at_ms')
      .execute()
  );
}
export type InstanceKeyRow = Awaited<ReturnType<typeof listInstanceKeys>>[number];

/** Hub keys of the unit that were handed out and not yet expired by us. */
export function listOpenHubKeys(db: Database, hubId: string) {
  return db
    .selectFrom('issued_keys')
    .select(['id', 'headscale_key_id'])
    .where('hub_id', '=', hubId)
    .where('kind', '=', 'hub')
    .where('state', '=', 'issued')
    .execute();
}
