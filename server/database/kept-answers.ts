import type { Insertable, Selectable } from 'kysely';
import type { Database } from './database.ts';
import type { KeptAnswersTable } from './schema.ts';

export type KeptAnswerRow = Selectable<KeptAnswersTable>;

/** Claims an id. @returns whether this call was the one that got it */
export async function insertKeptAnswer(
  db: Database,
  row: Insertable<KeptAnswersTable>,
): Promise<boolean> {
  const result = await db
    .insertInto('kept_answers')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export function findKeptAnswer(db: Database, id: string): Promise<KeptAnswerRow | undefined> {
  return db.selectFrom('kept_answers').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Fills in the answer, unless the request was dropped meanwhile. */
export async function sealKeptAnswer(
  db: Database,
  id: string,
  sealed: string,
  expiresAtMs: number,
): Promise<void> {
  await db
    .updateTable('kept_answers')
    .set({ sealed, expires_at_ms: expiresAtMs })
    .where('id', '=', id)
    .where('sealed', 'is', null)
    .execute();
}

export async function deleteKeptAnswer(db: Database, id: string): Promise<void> {
  await db.deleteFrom('kept_answers').where('id', '=', id).execute();
}

/** Drops the answers that hold keys of a hub, or those that one account was given. */
export async function dropKeptAnswers(
  db: Database,
  of: { hubId: string; accountId?: string },
): Promise<void> {
  let query = db.deleteFrom('kept_answers').where('hub_id', '=', of.hubId);
  if (of.accountId !== undefined) query = query.where('account_id', '=', of.accountId);
  await query.execute();
}

export async function purgeKeptAnswers(db: Database, nowMs: number): Promise<void> {
  await db.deleteFrom('kept_answers').where('expires_at_ms', '<=', nowMs).execute();
}
