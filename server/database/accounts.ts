import type { Selectable } from 'kysely';
import type { Database } from './database.ts';
import type { AccountsTable } from './schema.ts';

export type AccountRow = Selectable<AccountsTable>;

export async function insertAccount(db: Database, row: AccountRow): Promise<boolean> {
  const result = await db
    .insertInto('accounts')
    .values(row)
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export function findAccount(db: Database, id: string): Promise<AccountRow | undefined> {
  return db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst();
}

export function findAccountByEmail(db: Database, email: string): Promise<AccountRow | undefined> {
  return db.selectFrom('accounts').selectAll().where('email', '=', email).executeTakeFirst();
}

export function listAccounts(db: Database): Promise<AccountRow[]> {
  return db.selectFrom('accounts').selectAll().orderBy('id').execute();
}

export async function setAccountStatus(
  db: Database,
  id: string,
  status: AccountRow['status'],
): Promise<void> {
  await db.updateTable('accounts').set({ status }).where('id', '=', id).execute();
}

export async function setAccountRole(
  db: Database,
  id: string,
  role: AccountRow['role'],
): Promise<void> {
  await db.updateTable('accounts').set({ role }).where('id', '=', id).execute();
}
