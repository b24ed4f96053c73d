import type { Selectable } from 'kysely';
import type { Database } from './database.ts';
import type { AuditTable } from './schema.ts';

export type AuditRow = Selectable<AuditTable>;

/** The end of the chain. `seq` is 0 while nothing was recorded. */
export interface AuditHead {
  seq: number;
  hash: string;
}

/**
 * Takes the next place in the chain. Other writers wait from here until the transaction ends.
 * @returns the place, and the hash of the row before it
 */
export async function takeAuditPlace(db: Database): Promise<AuditHead> {
  return db
    .updateTable('audit_head')
    .set((expression) => ({ seq: expression('seq', '+', 1) }))
    .where('id', '=', 1)
    .returning(['seq', 'hash'])
    .executeTakeFirstOrThrow();
}

export async function insertAuditRow(db: Database, row: AuditRow): Promise<void> {
  await db.insertInto('audit').values(row).execute();
  await db.updateTable('audit_head').set({ hash: row.hash }).where('id', '=', 1).execute();
}

export function findAuditHead(db: Database): Promise<AuditHead> {
  return db
    .selectFrom('audit_head')
    .select(['seq', 'hash'])
    .where('id', '=', 1)
    .executeTakeFirstOrThrow();
}

/** Up to `limit` rows that follow the place `after`, in order. */
export function listAuditAfter(db: Database, after: number, limit: number): Promise<AuditRow[]> {
  return db
    .selectFrom('audit')
    .selectAll()
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute();
}
