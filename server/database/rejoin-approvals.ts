import type { Database } from './database.ts';

/** Approves anew; an older approval, used or not, is replaced. */
export async function putRejoinApproval(
  db: Database,
  hubId: string,
  expiresAtMs: number,
): Promise<void> {
  const fresh = { expires_at_ms: expiresAtMs, used_at_ms: null, headscale_key_id: null };
  await db
    .insertInto('rejoin_approvals')
    .values({ hub_id: hubId, ...fresh })
    .onConflict((conflict) => conflict.column('hub_id').doUpdateSet(fresh))
    .execute();
}

/** Spends an open approval. @returns whether there was one */
export async function spendRejoinApproval(
  db: Database,
  hubId: string,
  nowMs: number,
): Promise<boolean> {
  const result = await db
    .updateTable('rejoin_approvals')
    .set({ used_at_ms: nowMs })
    .where('hub_id', '=', hubId)
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Notes which key was made for a spent approval. */
export async function setRejoinKey(db: Database, hubId: string, keyId: string): Promise<void> {
  await db
    .updateTable('rejoin_approvals')
    .set({ headscale_key_id: keyId })
    .where('hub_id', '=', hubId)
    .execute();
}

/** The key whose node may take the place of the hub's live one, as Headscale calls it. */
export async function findRejoinKey(db: Database, hubId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('rejoin_approvals')
    .select('headscale_key_id')
    .where('hub_id', '=', hubId)
    .executeTakeFirst();
  return row?.headscale_key_id ?? undefined;
}

/** The hub joined: the approval has done its work. */
export async function deleteRejoinApproval(db: Database, hubId: string): Promise<void> {
  await db.deleteFrom('rejoin_approvals').where('hub_id', '=', hubId).execute();
}
