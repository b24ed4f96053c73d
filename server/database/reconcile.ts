import type { Selectable } from 'kysely';
import type { Database } from './database.ts';
import type { HubRow } from './hubs.ts';
import type { IssuedKeysTable, ShardsTable, UnknownNodesTable } from './schema.ts';

export type ShardRow = Selectable<ShardsTable>;
export type IssuedKeyRow = Selectable<IssuedKeysTable>;
export type UnknownNodeRow = Selectable<UnknownNodesTable>;

export function findShard(db: Database, id: string): Promise<ShardRow | undefined> {
  return db.selectFrom('shards').selectAll().where('id', '=', id).executeTakeFirst();
}

/** @returns whether this call made it; false if another server was faster */
export async function insertShard(db: Database, row: ShardRow): Promise<boolean> {
  const result = await db
    .insertInto('shards')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export async function confirmShard(db: Database, id: string, sentinel: string): Promise<void> {
  await db
    .updateTable('shards')
    .set({ is_confirmed: 1 })
    .where('id', '=', id)
    .where('sentinel', '=', sentinel)
    .execute();
}

/** Forgets all that a Headscale that lost its database held: its users and nodes are made again. */
export async function resetShard(db: Database, id: string, newSentinel: string): Promise<void> {
  await db
    .updateTable('shards')
    .set({ sentinel: newSentinel, is_confirmed: 0 })
    .where('id', '=', id)
    .execute();
  await db
    .updateTable('hubs')
    .set({ headscale_user_id: null, node_id: null, node_key: null, node_ip: null })
    .where('shard_id', '=', id)
    .execute();
  await db
    .updateTable('issued_keys')
    .set({ state: 'spent', headscale_key_id: null })
    .where('hub_id', 'in', (query) =>
      query.selectFrom('hubs').select('id').where('shard_id', '=', id),
    )
    .execute();
  await db.deleteFrom('unknown_nodes').where('shard_id', '=', id).execute();
}

export function listHubsOfShard(
  db: Database,
  shardId: string,
): Promise<Pick<HubRow, 'id' | 'state' | 'headscale_user_id' | 'node_id'>[]> {
  return db
    .selectFrom('hubs')
    .select(['id', 'state', 'headscale_user_id', 'node_id'])
    .where('shard_id', '=', shardId)
    .execute();
}

/** Keys that were asked for before `beforeMs` and whose answer never arrived. */
export function listUnansweredKeys(
  db: Database,
  shardId: string,
  beforeMs: number,
): Promise<IssuedKeyRow[]> {
  return db
    .selectFrom('issued_keys as key')
    .innerJoin('hubs as hub', 'hub.id', 'key.hub_id')
    .selectAll('key')
    .where('hub.shard_id', '=', shardId)
    .where('key.state', '=', 'pending')
    .where('key.created_at_ms', '<', beforeMs)
    .execute();
}

/** Which of Headscale's keys we made, with the hub that each is for. */
export function listIssuedKeys(
  db: Database,
  shardId: string,
  headscaleKeyIds: readonly string[],
): Promise<IssuedKeyRow[]> {
  if (headscaleKeyIds.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('issued_keys as key')
    .innerJoin('hubs as hub', 'hub.id', 'key.hub_id')
    .selectAll('key')
    .where('hub.shard_id', '=', shardId)
    .where('key.headscale_key_id', 'in', headscaleKeyIds)
    .execute();
}

/** @returns whether this call was the one that noted it */
export async function markKeyUsed(db: Database, id: string, nowMs: number): Promise<boolean> {
  const result = await db
    .updateTable('issued_keys')
    .set({ used_at_ms: nowMs })
    .where('id', '=', id)
    .where('used_at_ms', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export function listUnknownNodes(db: Database, shardId: string): Promise<UnknownNodeRow[]> {
  return db.selectFrom('unknown_nodes').selectAll().where('shard_id', '=', shardId).execute();
}

export async function countUnknownNodes(db: Database): Promise<number> {
  const { count } = await db
    .selectFrom('unknown_nodes')
    .select((query) => query.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** @returns whether it was not there yet */
export async function insertUnknownNode(db: Database, row: UnknownNodeRow): Promise<boolean> {
  const result = await db
    .insertInto('unknown_nodes')
    .values(row)
    .onConflict((conflict) => conflict.columns(['shard_id', 'node_id']).doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export async function deleteUnknownNode(
  db: Database,
  node: Pick<UnknownNodeRow, 'shard_id' | 'node_id'>,
): Promise<void> {
  await db
    .deleteFrom('unknown_nodes')
    .where('shard_id', '=', node.shard_id)
    .where('node_id', '=', node.node_id)
    .execute();
}
