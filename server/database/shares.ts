import type { Selectable } from 'kysely';
import type { Database } from './database.ts';
import type { SharesTable } from './schema.ts';

export type ShareRow = Selectable<SharesTable>;

/** Adds an offer, unless the hub is offered to that address already. @returns the one that is there */
export async function insertShare(db: Database, row: ShareRow): Promise<ShareRow> {
  await db
    .insertInto('shares')
    .values(row)
    .onConflict((conflict) => conflict.columns(['hub_id', 'guest_email']).doNothing())
    .execute();
  return db
    .selectFrom('shares')
    .selectAll()
    .where('hub_id', '=', row.hub_id)
    .where('guest_email', '=', row.guest_email)
    .executeTakeFirstOrThrow();
}

export function findShare(db: Database, id: string): Promise<ShareRow | undefined> {
  return db.selectFrom('shares').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Accepted shares and open offers of some hubs, oldest first. */
export function listSharesOfHubs(
  db: Database,
  hubIds: readonly string[],
  nowMs: number,
): Promise<ShareRow[]> {
  if (hubIds.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('shares')
    .selectAll()
    .where('hub_id', 'in', hubIds)
    .where((where) =>
      where.or([where('state', '=', 'accepted'), where('expires_at_ms', '>', nowMs)]),
    )
    .orderBy('id')
    .execute();
}

/** Open offers to an account, each with the address of who made it. */
export function listOffersTo(db: Database, guestId: string, nowMs: number) {
  return db
    .selectFrom('shares as share')
    .innerJoin('hubs as hub', 'hub.id', 'share.hub_id')
    .innerJoin('accounts as owner', 'owner.id', 'hub.account_id')
    .select(['share.id', 'owner.email as from', 'share.created_at_ms', 'share.expires_at_ms'])
    .where('share.guest_id', '=', guestId)
    .where('share.state', '=', 'offered')
    .where('share.expires_at_ms', '>', nowMs)
    .where('hub.state', '=', 'active')
    .where('owner.status', '=', 'active')
    .orderBy('share.id')
    .execute();
}

/** @returns whether it was an open offer to that account */
export async function answerOffer(
  db: Database,
  id: string,
  guestId: string,
  answer: { state: 'accepted' | 'declined'; nowMs: number },
): Promise<boolean> {
  const result = await db
    .updateTable('shares')
    .set({ state: answer.state })
    .where('id', '=', id)
    .where('guest_id', '=', guestId)
    .where('state', '=', 'offered')
    .where('expires_at_ms', '>', answer.nowMs)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** @returns the share as it was, or undefined if it had ended already */
export function deleteShare(db: Database, id: string): Promise<ShareRow | undefined> {
  return db.deleteFrom('shares').where('id', '=', id).returningAll().executeTakeFirst();
}

/** Deletes offers that nobody accepted in time. */
export async function purgeShares(db: Database, nowMs: number): Promise<void> {
  await db
    .deleteFrom('shares')
    .where('state', '!=', 'accepted')
    .where('expires_at_ms', '<=', nowMs)
    .execute();
}
