import { PostgresAdapter, type Insertable, type Selectable } from 'kysely';
import { ulid } from 'ulid';
import type { AccountRow } from './accounts.ts';
import type { Database } from './database.ts';
import type { InvitationsTable } from './schema.ts';

export type InvitationRow = Selectable<InvitationsTable>;

export async function insertInvitation(
  db: Database,
  row: Insertable<InvitationsTable>,
): Promise<void> {
  await db.insertInto('invitations').values(row).execute();
}

export function findInvitation(db: Database, hash: string): Promise<InvitationRow | undefined> {
  return db.selectFrom('invitations').selectAll().where('hash', '=', hash).executeTakeFirst();
}

/** Invitations that can still be used. */
export function listOpenInvitations(db: Database, nowMs: number): Promise<InvitationRow[]> {
  return db
    .selectFrom('invitations')
    .selectAll()
    .where('kind', '=', 'invitation')
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .orderBy('id')
    .execute();
}

/** @returns whether this call was the one that used it */
export async function markInvitationUsed(
  db: Database,
  hash: string,
  nowMs: number,
): Promise<boolean> {
  const result = await db
    .updateTable('invitations')
    .set({ used_at_ms: nowMs })
    .where('hash', '=', hash)
    .where('used_at_ms', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Setup links are worthless as soon as there is a newer one, or an admin. */
export async function deleteSetupLinks(db: Database): Promise<void> {
  await db.deleteFrom('invitations').where('kind', '=', 'setup').execute();
}

/** @returns whether there was one that nobody had used */
export async function deleteInvitation(db: Database, id: string): Promise<boolean> {
  const result = await db
    .deleteFrom('invitations')
    .where('id', '=', id)
    .where('kind', '=', 'invitation')
    .where('used_at_ms', 'is', null)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

export async function hasAdmin(db: Database): Promise<boolean> {
  const row = await db
    .selectFrom('accounts')
    .select('id')
    .where('role', '=', 'admin')
    .where('status', '=', 'active')
    .executeTakeFirst();
  return row !== undefined;
}

/** Gives an account a password, in the form that better-auth reads. */
export async function insertPassword(
  db: Database,
  account: AccountRow,
  passwordHash: string,
): Promise<void> {
  const now = dateOf(db, account.created_at_ms);
  const times = { createdAt: now, updatedAt: now };
  const no = isPostgres(db) ? false : 0;
  await db
    .insertInto('auth_users')
    .values({
      id: account.id,
      name: account.email,
      email: account.email,
      emailVerified: no,
      image: null,
      twoFactorEnabled: no,
      ...times,
    })
    .execute();
  await db
    .insertInto('auth_accounts')
    .values({
      id: ulid(),
      accountId: account.id,
      providerId: 'credential',
      userId: account.id,
      password: passwordHash,
      accessToken: null,
      refreshToken: null,
      idToken: null,
      ...times,
    })
    .execute();
}

/** Ends every browser session of the account. */
export async function deleteSessions(db: Database, accountId: string): Promise<void> {
  await db.deleteFrom('auth_sessions').where('userId', '=', accountId).execute();
}

/** How the account can sign in. */
export interface Factors {
  hasPassword: boolean;
  hasTotp: boolean;
  /** Ids of OIDC providers. */
  providers: string[];
  passkeys: { id: string; name: string | null; createdAt: Date }[];
}

export async function readFactors(db: Database, accountId: string): Promise<Factors> {
  const accounts = await db
    .selectFrom('auth_accounts')
    .select('providerId')
    .where('userId', '=', accountId)
    .execute();
  const user = await db
    .selectFrom('auth_users')
    .select('twoFactorEnabled')
    .where('id', '=', accountId)
    .executeTakeFirst();
  const passkeys = await db
    .selectFrom('auth_passkeys')
    .select(['id', 'name', 'createdAt'])
    .where('userId', '=', accountId)
    .orderBy('id')
    .execute();
  const providers = accounts.map(({ providerId }) => providerId);
  return {
    hasPassword: providers.includes('credential'),
    hasTotp: Boolean(user?.twoFactorEnabled),
    providers: providers.filter((id) => id !== 'credential'),
    passkeys: passkeys.map(({ id, name, createdAt }) => ({
      id,
      name,
      createdAt: new Date(createdAt ?? 0),
    })),
  };
}

/** Deletes sessions, ceremonies and links that ended. */
export async function purgeSignIn(db: Database, nowMs: number): Promise<void> {
  const now = dateOf(db, nowMs);
  await db.deleteFrom('auth_sessions').where('expiresAt', '<', now).execute();
  await db.deleteFrom('auth_verifications').where('expiresAt', '<', now).execute();
  const dayAgoMs = nowMs - 24 * 3600 * 1000; // so that a late visitor is told "expired" and not "unknown"
  await db.deleteFrom('invitations').where('expires_at_ms', '<', dayAgoMs).execute();
}

function isPostgres(db: Database): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/** A time as better-auth keeps it. */
function dateOf(db: Database, ms: number): Date | string {
  return isPostgres(db) ? new Date(ms) : new Date(ms).toISOString();
}
