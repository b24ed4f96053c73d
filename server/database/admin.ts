import type { Database } from './database.ts';
import type { AccountRow } from './accounts.ts';
import type { AuditRow } from './audit.ts';
import type { HubRow } from './hubs.ts';

/** A page of a list: what comes after (or, newest first, before) an id. */
export interface PageOf {
  fromId: string | undefined;
  limit: number;
}

/** Accounts in the order in which they were made. */
export function listAccountsFrom(db: Database, { fromId, limit }: PageOf): Promise<AccountRow[]> {
  return db
    .selectFrom('accounts')
    .selectAll()
    .where('id', '>', fromId ?? '')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** What belongs to an account, in numbers. */
export interface AccountFigures {
  hubs: number;
  signIns: number;
  passkeys: number;
  hasTotp: boolean;
  hasOidc: boolean;
  /** ms since 1970; null if it never signed in, or all that it had has ended. */
  lastActiveMs: number | null;
}

export async function readAccountFigures(
  db: Database,
  accountIds: readonly string[],
  nowMs: number,
): Promise<Map<string, AccountFigures>> {
  if (accountIds.length === 0) return new Map();
  const hubs = await db
    .selectFrom('hubs')
    .select('account_id')
    .where('account_id', 'in', accountIds)
    .where('state', '=', 'active')
    .execute();
  const families = await db
    .selectFrom('token_families')
    .select(['account_id', 'used_at_ms', 'created_at_ms', 'expires_at_ms', 'idle_expires_at_ms'])
    .where('account_id', 'in', accountIds)
    .execute();
  const sessions = await db
    .selectFrom('auth_sessions')
    .select(['userId', 'updatedAt'])
    .where('userId', 'in', accountIds)
    .execute();
  const passkeys = await db
    .selectFrom('auth_passkeys')
    .select('userId')
    .where('userId', 'in', accountIds)
    .execute();
  const users = await db
    .selectFrom('auth_users')
    .select(['id', 'twoFactorEnabled'])
    .where('id', 'in', accountIds)
    .execute();
  const providers = await db
    .selectFrom('auth_accounts')
    .select('userId')
    .where('userId', 'in', accountIds)
    .where('providerId', '!=', 'credential')
    .execute();
  const figuresOf = (id: string): AccountFigures => {
    const own = families.filter((family) => family.account_id === id);
    const activeMs = [
      ...own.map((family) => family.used_at_ms ?? family.created_at_ms),
      ...sessions.flatMap((each) => (each.userId === id ? Number(new Date(each.updatedAt)) : [])),
    ];
    return {
      hubs: hubs.filter((hub) => hub.account_id === id).length,
      signIns: own.filter(
        ({ expires_at_ms, idle_expires_at_ms }) =>
          Math.min(expires_at_ms, idle_expires_at_ms ?? expires_at_ms) > nowMs,
      ).length,
      passkeys: passkeys.filter(({ userId }) => userId === id).length,
      hasTotp: users.some((user) => user.id === id && Boolean(user.twoFactorEnabled)),
      hasOidc: providers.some(({ userId }) => userId === id),
      lastActiveMs: activeMs.length === 0 ? null : Math.max(...activeMs),
    };
  };
  return new Map(accountIds.map((id) => [id, figuresOf(id)]));
}

/** An active hub with the address of its owner. */
export type OwnedHubRow = HubRow & { owner_email: string };

/** Active hubs in the order in which they were registered. */
export function listHubsFrom(db: Database, { fromId, limit }: PageOf): Promise<OwnedHubRow[]> {
  return ownedHubs(db)
    .where('hub.id', '>', fromId ?? '')
    .orderBy('hub.id')
    .limit(limit)
    .execute();
}

export function findOwnedHub(db: Database, id: string): Promise<OwnedHubRow | undefined> {
  return ownedHubs(db).where('hub.id', '=', id).executeTakeFirst();
}

function ownedHubs(db: Database) {
  return db
    .selectFrom('hubs as hub')
    .innerJoin('accounts as owner', 'owner.id', 'hub.account_id')
    .selectAll('hub')
    .select('owner.email as owner_email')
    .where('hub.state', '=', 'active');
}

/** How many accounts and active hubs there are. */
export async function countAccountsAndHubs(db: Database) {
  const { accounts } = await db
    .selectFrom('accounts')
    .select((query) => query.fn.countAll<number>().as('accounts'))
    .executeTakeFirstOrThrow();
  const { hubs } = await db
    .selectFrom('hubs')
    .select((query) => query.fn.countAll<number>().as('hubs'))
    .where('state', '=', 'active')
    .executeTakeFirstOrThrow();
  return { accounts: Number(accounts), hubs: Number(hubs) };
}

/** Active hubs with the names of their nodes, for a glance at all of them. */
export function listHubNodes(db: Database) {
  return db
    .selectFrom('hubs')
    .select(['id', 'name', 'node_id'])
    .where('state', '=', 'active')
    .execute();
}

/** The units that hold unknown nodes, one entry for each node. */
export async function listUnitsOfUnknownNodes(db: Database): Promise<string[]> {
  const rows = await db.selectFrom('unknown_nodes').select('unit').execute();
  return rows.map(({ unit }) => unit);
}

/** Who asked for browser keys, and from where, by the ids that Headscale gave to the keys. */
export function listBrowserHolders(db: Database, headscaleKeyIds: readonly string[]) {
  if (headscaleKeyIds.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('issued_keys as key')
    .innerJoin('accounts as account', 'account.id', 'key.account_id')
    .leftJoin('token_families as family', 'family.id', 'key.grant_id')
    .select(['key.hub_id', 'key.headscale_key_id', 'key.grant_id', 'family.label'])
    .select(['account.id as account_id', 'account.email'])
    .where('key.kind', '=', 'browser')
    .where('key.headscale_key_id', 'in', headscaleKeyIds)
    .orderBy('key.created_at_ms') // ids come twice after Headscale was made anew: the last is meant
    .execute();
}

/** Keys with hub and account, newest first. */
export function listKeysBefore(db: Database, { fromId, limit }: PageOf) {
  let query = db
    .selectFrom('issued_keys as key')
    .innerJoin('hubs as hub', 'hub.id', 'key.hub_id')
    .leftJoin('accounts as account', 'account.id', 'key.account_id')
    .selectAll('key')
    .select(['hub.name as hub_name', 'account.email'])
    .orderBy('key.id', 'desc')
    .limit(limit);
  if (fromId !== undefined) query = query.where('key.id', '<', fromId);
  return query.execute();
}

/** Entries of the audit log, newest first; of one account if it is named. */
export function listAuditBefore(
  db: Database,
  page: { beforeSeq: number | undefined; limit: number; accountId: string | undefined },
): Promise<AuditRow[]> {
  const { beforeSeq, limit, accountId } = page;
  let query = db.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(limit);
  if (beforeSeq !== undefined) query = query.where('seq', '<', beforeSeq);
  if (accountId !== undefined) {
    query = query.where((on) =>
      on.or([
        on('account_id', '=', accountId),
        on('detail', 'like', `%"byAccountId":"${accountId}"%`),
      ]),
    );
  }
  return query.execute();
}

/** Addresses of accounts and names of hubs, by id, for lists that hold ids alone. */
export async function readNames(
  db: Database,
  ids: { accounts: readonly string[]; hubs: readonly string[] },
): Promise<{ emails: Map<string, string>; hubNames: Map<string, string> }> {
  const accounts =
    ids.accounts.length === 0
      ? []
      : await db
          .selectFrom('accounts')
          .select(['id', 'email'])
          .where('id', 'in', ids.accounts)
          .execute();
  const hubs =
    ids.hubs.length === 0
      ? []
      : await db.selectFrom('hubs').select(['id', 'name']).where('id', 'in', ids.hubs).execute();
  return {
    emails: new Map(accounts.map(({ id, email }) => [id, email])),
    hubNames: new Map(hubs.map(({ id, name }) => [id, name])),
  };
}

/** When a backup was made last, ms since 1970. */
export async function findLastBackup(db: Database): Promise<number | undefined> {
  const row = await db
    .selectFrom('audit')
    .select('at_ms')
    .where('event', '=', 'backup-made')
    .orderBy('seq', 'desc')
    .executeTakeFirst();
  return row?.at_ms;
}
