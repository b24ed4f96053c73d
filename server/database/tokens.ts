import type { Insertable, Selectable } from 'kysely';
import type { Database } from './database.ts';
import type {
  AccessTokensTable,
  AccountsTable,
  JoinTokensTable,
  PairingCodesTable,
  TokenFamiliesTable,
} from './schema.ts';

/** An access token with the account behind it, by way of its family or its hub. */
export interface AccessTokenRow {
  scope: string;
  expires_at_ms: number;
  hub_id: string | null;
  /** The family; null for the token of a hub. */
  family_id: string | null;
  key_thumbprint: string | null;
  account_id: string;
  email: string;
  role: AccountsTable['role'];
  status: AccountsTable['status'];
}

export function findAccessToken(db: Database, hash: string): Promise<AccessTokenRow | undefined> {
  return db
    .selectFrom('access_tokens as token')
    .leftJoin('token_families as family', 'family.id', 'token.family_id')
    .leftJoin('hubs as hub', 'hub.id', 'token.hub_id')
    .innerJoin('accounts as account', (join) =>
      join.on((on) =>
        on.or([
          on('account.id', '=', on.ref('family.account_id')),
          on('account.id', '=', on.ref('hub.account_id')),
        ]),
      ),
    )
    .select([
      'token.scope',
      'token.expires_at_ms',
      'token.hub_id',
      'token.family_id',
      'family.key_thumbprint',
      'account.id as account_id',
      'account.email',
      'account.role',
      'account.status',
    ])
    .where('token.hash', '=', hash)
    .executeTakeFirst();
}

export async function insertFamily(
  db: Database,
  family: Insertable<TokenFamiliesTable>,
): Promise<void> {
  await db.insertInto('token_families').values(family).execute();
}

export async function insertAccessToken(
  db: Database,
  token: Insertable<AccessTokensTable>,
): Promise<void> {
  await db.insertInto('access_tokens').values(token).execute();
}

export async function insertRefreshToken(
  db: Database,
  hash: string,
  familyId: string,
): Promise<void> {
  await db
    .insertInto('refresh_tokens')
    .values({ hash, family_id: familyId, used_at_ms: null })
    .execute();
}

/** A refresh token with its family and the status of the account. */
export function findRefreshToken(db: Database, hash: string) {
  return db
    .selectFrom('refresh_tokens as token')
    .innerJoin('token_families as family', 'family.id', 'token.family_id')
    .innerJoin('accounts as account', 'account.id', 'family.account_id')
    .select([
      'token.used_at_ms',
      'family.id as family_id',
      'family.scope',
      'family.expires_at_ms',
      'family.idle_expires_at_ms',
      'family.key_thumbprint',
      'account.id as account_id',
      'account.status',
    ])
    .where('token.hash', '=', hash)
    .executeTakeFirst();
}

/** @returns whether this call was the one that used it */
export async function markRefreshTokenUsed(
  db: Database,
  hash: string,
  nowMs: number,
): Promise<boolean> {
  const result = await db
    .updateTable('refresh_tokens')
    .set({ used_at_ms: nowMs })
    .where('hash', '=', hash)
    .where('used_at_ms', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Deletes the family; its access and refresh tokens go with it.
 * @returns whose it was; undefined if there was none
 */
export async function deleteFamily(db: Database, familyId: string): Promise<string | undefined> {
  const row = await db
    .deleteFrom('token_families')
    .where('id', '=', familyId)
    .returning('account_id')
    .executeTakeFirst();
  return row?.account_id;
}

/** The family of an access or refresh token, by the token's hash. */
export async function findFamilyOfToken(db: Database, hash: string): Promise<string | undefined> {
  const refresh = await db
    .selectFrom('refresh_tokens')
    .select('family_id')
    .where('hash', '=', hash)
    .executeTakeFirst();
  if (refresh) return refresh.family_id;
  const access = await db
    .selectFrom('access_tokens')
    .select('family_id')
    .where('hash', '=', hash)
    .executeTakeFirst();
  return access?.family_id ?? undefined;
}

/** Families that are over by their age, or because nobody used them. */
export async function listEndedFamilies(db: Database, nowMs: number): Promise<string[]> {
  const rows = await db
    .selectFrom('token_families')
    .select('id')
    .where((is) => is.or([is('expires_at_ms', '<=', nowMs), is('idle_expires_at_ms', '<=', nowMs)]))
    .execute();
  return rows.map(({ id }) => id);
}

export async function deleteAccessToken(db: Database, hash: string): Promise<void> {
  await db.deleteFrom('access_tokens').where('hash', '=', hash).execute();
}

/** Deletes every token and unused code that speaks for the account, its hubs' tokens too. */
export async function deleteTokensOfAccount(db: Database, accountId: string): Promise<void> {
  await db.deleteFrom('token_families').where('account_id', '=', accountId).execute();
  await db.deleteFrom('authorization_codes').where('account_id', '=', accountId).execute();
  await db.deleteFrom('device_codes').where('account_id', '=', accountId).execute();
  await db.deleteFrom('pairing_codes').where('account_id', '=', accountId).execute();
  await db
    .deleteFrom('join_tokens')
    .where('account_id', '=', accountId)
    .where('used_at_ms', 'is', null)
    .execute();
  await db
    .deleteFrom('access_tokens')
    .where('hub_id', 'in', (query) =>
      query.selectFrom('hubs').select('id').where('account_id', '=', accountId),
    )
    .execute();
}

export async function insertPairingCode(
  db: Database,
  code: Insertable<PairingCodesTable>,
): Promise<void> {
  await db.insertInto('pairing_codes').values(code).execute();
}

export function findPairingCode(
  db: Database,
  hash: string,
): Promise<Selectable<PairingCodesTable> | undefined> {
  return db.selectFrom('pairing_codes').selectAll().where('hash', '=', hash).executeTakeFirst();
}

/** @returns whether this call was the one that used it */
export async function markPairingCodeUsed(
  db: Database,
  hash: string,
  nowMs: number,
): Promise<boolean> {
  const result = await db
    .updateTable('pairing_codes')
    .set({ used_at_ms: nowMs })
    .where('hash', '=', hash)
    .where('used_at_ms', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function insertJoinToken(
  db: Database,
  token: Insertable<JoinTokensTable>,
): Promise<void> {
  await db.insertInto('join_tokens').values(token).execute();
}

export async function countOpenJoinTokens(
  db: Database,
  accountId: string,
  nowMs: number,
): Promise<number> {
  const { count } = await db
    .selectFrom('join_tokens')
    .select((query) => query.fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirstOrThrow();
  return Number(count);
}

export function findJoinToken(
  db: Database,
  hash: string,
): Promise<Selectable<JoinTokensTable> | undefined> {
  return db.selectFrom('join_tokens').selectAll().where('hash', '=', hash).executeTakeFirst();
}

/** @returns whether this call was the one that used it */
export async function markJoinTokenUsed(
  db: Database,
  hash: string,
  hubId: string,
  nowMs: number,
): Promise<boolean> {
  const result = await db
    .updateTable('join_tokens')
    .set({ used_at_ms: nowMs, hub_id: hubId })
    .where('hash', '=', hash)
    .where('used_at_ms', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** @returns false if the assertion was seen before */
export async function rememberAssertion(
  db: Database,
  hash: string,
  expiresAtMs: number,
): Promise<boolean> {
  const result = await db
    .insertInto('used_assertions')
    .values({ hash, expires_at_ms: expiresAtMs })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Dead codes and join tokens stay a day, so that a late user is told "expired" and not "unknown". */
const KEEP_DEAD_CODES_MS = 24 * 3600 * 1000;

/** Deletes what can no longer be used. Safe at any time. */
export async function purgeTokens(db: Database, nowMs: number): Promise<void> {
  // An hour late, so that a client with a token that just ended is told "expired", which it can mend, not "unknown".
  await db
    .deleteFrom('access_tokens')
    .where('expires_at_ms', '<', nowMs - 3_600_000)
    .execute();
  await db.deleteFrom('used_assertions').where('expires_at_ms', '<', nowMs).execute();
  const deadBeforeMs = nowMs - KEEP_DEAD_CODES_MS;
  await db.deleteFrom('pairing_codes').where('expires_at_ms', '<', deadBeforeMs).execute();
  await db.deleteFrom('join_tokens').where('expires_at_ms', '<', deadBeforeMs).execute();
}
