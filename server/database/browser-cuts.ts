import type { Insertable, Selectable } from 'kysely';
import { ulid } from 'ulid';
import type { Database } from './database.ts';
import type { BrowserCutsTable, IssuedKeysTable } from './schema.ts';

export type BrowserCutRow = Selectable<BrowserCutsTable>;

export async function insertBrowserCut(
  db: Database,
  row: Insertable<BrowserCutsTable>,
): Promise<void> {
  await db.insertInto('browser_cuts').values(row).execute();
}

/** The intent to cut off what one sign-in brought; BrowserCuts.reconcile() carries it out. */
export function intendCutOfGrant(db: Database, grantId: string, nowMs: number): Promise<void> {
  return insertBrowserCut(db, newCut({ grant_id: grantId }, nowMs));
}

/** The same for everything that an account's browsers have. */
export function intendCutOfAccount(db: Database, accountId: string, nowMs: number): Promise<void> {
  return insertBrowserCut(db, newCut({ account_id: accountId }, nowMs));
}

function newCut(
  what: Partial<Pick<BrowserCutRow, 'account_id' | 'grant_id'>>,
  nowMs: number,
): BrowserCutRow {
  return {
    id: ulid(),
    hub_id: null,
    account_id: null,
    grant_id: null,
    created_at_ms: nowMs,
    finished_at_ms: null,
    ...what,
  };
}

export function listUnfinishedCuts(db: Database): Promise<BrowserCutRow[]> {
  return db
    .selectFrom('browser_cuts')
    .selectAll()
    .where('finished_at_ms', 'is', null)
    .orderBy('id')
    .execute();
}

/** Makes a cut hold for keys that were asked for until now. Unfinished again, if it was finished meanwhile. */
export async function renewBrowserCut(db: Database, id: string, nowMs: number): Promise<void> {
  await db
    .updateTable('browser_cuts')
    .set({ created_at_ms: nowMs, finished_at_ms: null })
    .where('id', '=', id)
    .execute();
}

export async function markCutFinished(db: Database, id: string, nowMs: number): Promise<void> {
  await db
    .updateTable('browser_cuts')
    .set({ finished_at_ms: nowMs })
    .where('id', '=', id)
    .execute();
}

/** Ids that Headscale gave to the browser keys which a cut is about. */
export async function listKeysOfCut(db: Database, cut: BrowserCutRow): Promise<string[]> {
  let query = db
    .selectFrom('issued_keys')
    .select('headscale_key_id')
    .where('kind', '=', 'browser')
    .where('created_at_ms', '<=', cut.created_at_ms)
    // A Headscale that was made anew counts its keys from 1 again: only the newest row of an id is meant.
    .where((on) =>
      on.not(
        on.exists(
          on
            .selectFrom('issued_keys as newer')
            .select('newer.id')
            .whereRef('newer.headscale_key_id', '=', 'issued_keys.headscale_key_id')
            .whereRef('newer.created_at_ms', '>', 'issued_keys.created_at_ms'),
        ),
      ),
    );
  if (cut.hub_id !== null) query = query.where('hub_id', '=', cut.hub_id);
  if (cut.account_id !== null) query = query.where('account_id', '=', cut.account_id);
  if (cut.grant_id !== null) query = query.where('grant_id', '=', cut.grant_id);
  const rows = await query.execute();
  return rows.flatMap((row) => (row.headscale_key_id === null ? [] : [row.headscale_key_id]));
}

/** Whether access ended since a key was asked for. */
export async function isKeyCut(
  db: Database,
  key: Pick<Selectable<IssuedKeysTable>, 'hub_id' | 'account_id' | 'grant_id' | 'created_at_ms'>,
): Promise<boolean> {
  const cut = await db
    .selectFrom('browser_cuts')
    .select('id')
    .where('created_at_ms', '>=', key.created_at_ms)
    .where((on) => on.or([on('hub_id', 'is', null), on('hub_id', '=', key.hub_id)]))
    .where((on) => on.or([on('account_id', 'is', null), on('account_id', '=', key.account_id)]))
    .where((on) => on.or([on('grant_id', 'is', null), on('grant_id', '=', key.grant_id)]))
    .executeTakeFirst();
  return cut !== undefined;
}

/** Who asked for browser keys of a hub, by the ids that Headscale gave to the keys. */
export function listKeyHolders(db: Database, hubId: string, headscaleKeyIds: readonly string[]) {
  return db
    .selectFrom('issued_keys as key')
    .innerJoin('accounts as account', 'account.id', 'key.account_id')
    .select(['key.headscale_key_id', 'key.grant_id', 'account.id as account_id', 'account.email'])
    .where('key.hub_id', '=', hubId)
    .where('key.kind', '=', 'browser')
    .where('key.headscale_key_id', 'in', headscaleKeyIds)
    .orderBy('key.created_at_ms') // ids come twice after Headscale was made anew: the last is meant
    .execute();
}

/** A finished cut is kept this long: requests for keys take seconds. */
const KEEP_CUTS_MS = 3600 * 1000;

export async function purgeBrowserCuts(db: Database, nowMs: number): Promise<void> {
  await db
    .deleteFrom('browser_cuts')
    .where('finished_at_ms', '<', nowMs - KEEP_CUTS_MS)
    .execute();
}
