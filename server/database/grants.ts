import type { Insertable, Selectable } from 'kysely';
import type { Database } from './database.ts';
import type { AuthorizationCodesTable, DeviceCodesTable, TokenFamiliesTable } from './schema.ts';

export type FamilyRow = Selectable<TokenFamiliesTable>;
export type AuthorizationCodeRow = Selectable<AuthorizationCodesTable>;
export type DeviceCodeRow = Selectable<DeviceCodesTable>;

/** Sign-ins of the account that still hold, newest first. */
export function listFamiliesOfAccount(
  db: Database,
  accountId: string,
  nowMs: number,
): Promise<FamilyRow[]> {
  return db
    .selectFrom('token_families')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('expires_at_ms', '>', nowMs)
    .where((is) =>
      is.or([is('idle_expires_at_ms', 'is', null), is('idle_expires_at_ms', '>', nowMs)]),
    )
    .orderBy('id', 'desc')
    .execute();
}

export async function touchFamily(
  db: Database,
  id: string,
  nowMs: number,
  idleExpiresAtMs: number,
): Promise<void> {
  await db
    .updateTable('token_families')
    .set({ used_at_ms: nowMs, idle_expires_at_ms: idleExpiresAtMs })
    .where('id', '=', id)
    .execute();
}

export async function insertAuthorizationCode(
  db: Database,
  row: Insertable<AuthorizationCodesTable>,
): Promise<void> {
  await db.insertInto('authorization_codes').values(row).execute();
}

export function findAuthorizationCode(
  db: Database,
  hash: string,
): Promise<AuthorizationCodeRow | undefined> {
  return db
    .selectFrom('authorization_codes')
    .selectAll()
    .where('hash', '=', hash)
    .executeTakeFirst();
}

/** @returns whether this call was the one that used it */
export async function markAuthorizationCodeUsed(
  db: Database,
  hash: string,
  nowMs: number,
): Promise<boolean> {
  const result = await db
    .updateTable('authorization_codes')
    .set({ used_at_ms: nowMs })
    .where('hash', '=', hash)
    .where('used_at_ms', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function setFamilyOfCode(db: Database, hash: string, familyId: string): Promise<void> {
  await db
    .updateTable('authorization_codes')
    .set({ family_id: familyId })
    .where('hash', '=', hash)
    .execute();
}

export async function insertDeviceCode(
  db: Database,
  row: Insertable<DeviceCodesTable>,
): Promise<void> {
  await db.insertInto('device_codes').values(row).execute();
}

export function findDeviceCode(db: Database, hash: string): Promise<DeviceCodeRow | undefined> {
  return db.selectFrom('device_codes').selectAll().where('hash', '=', hash).executeTakeFirst();
}

export function findUserCode(
  db: Database,
  userCodeHash: string,
): Promise<DeviceCodeRow | undefined> {
  return db
    .selectFrom('device_codes')
    .selectAll()
    .where('user_code_hash', '=', userCodeHash)
    .executeTakeFirst();
}

/** Moves a code on. @returns whether it was in the state `from` */
export async function moveDeviceCode(
  db: Database,
  hash: string,
  from: DeviceCodeRow['state'],
  to: DeviceCodeRow['state'],
  accountId?: string,
): Promise<boolean> {
  const result = await db
    .updateTable('device_codes')
    .set({ state: to, ...(accountId === undefined ? {} : { account_id: accountId }) })
    .where('hash', '=', hash)
    .where('state', '=', from)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function markPolled(db: Database, hash: string, nowMs: number): Promise<void> {
  await db
    .updateTable('device_codes')
    .set({ polled_at_ms: nowMs })
    .where('hash', '=', hash)
    .execute();
}

/** Codes that wait, of one address: each costs a row. */
export async function countWaitingDeviceCodes(
  db: Database,
  address: string,
  nowMs: number,
): Promise<number> {
  const { count } = await db
    .selectFrom('device_codes')
    .select((query) => query.fn.countAll<number>().as('count'))
    .where('address', '=', address)
    .where('state', '=', 'waiting')
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Deletes what can no longer be used. A used code stays as long as its replay should be noticed. */
export async function purgeGrants(db: Database, nowMs: number): Promise<void> {
  const dayAgoMs = nowMs - 24 * 3600 * 1000;
  await db.deleteFrom('authorization_codes').where('expires_at_ms', '<', dayAgoMs).execute();
  await db.deleteFrom('device_codes').where('expires_at_ms', '<', dayAgoMs).execute();
}
