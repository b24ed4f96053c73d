import { ulid } from 'ulid';
import { recordAudit } from '../audit/audit.ts';
import { isKeyCut } from '../database/browser-cuts.ts';
import type { Database } from '../database/database.ts';
import {
  findHub,
  insertIssuedKey,
  listOpenHubKeys,
  updateHub,
  updateIssuedKey,
  type HubRow,
} from '../database/hubs.ts';
import { HeadscaleError, isHeadscaleError } from '../headscale/errors.ts';
import { ApiError } from '../problem.ts';
import type { Shards } from './shards.ts';
import { unitName } from './unit.ts';

/** A hub needs seconds; a person may have to fix its tailscaled first. */
const HUB_KEY_MS = 15 * 60 * 1000;
/** A login needs seconds. Also longer than the 2 minutes in which a repeated request gets the same key. */
const BROWSER_KEY_MS = 5 * 60 * 1000;

export interface UnitKey {
  /** Headscale's id of it. */
  id: string;
  authKey: string;
  expiresAtMs: number;
}

/** On whose behalf a browser key is asked for. */
export interface KeyAsker {
  accountId: string;
  /** The sign-in; null for tokens that live in memory only. */
  grantId: string | null;
  /** Which of the account's browsers; null if it did not say. */
  instance: string | null;
  /** When the request came in, before its token was looked at. */
  receivedAtMs: number;
}

export interface UnitKeysOptions {
  db: Database;
  shards: Shards;
  clock: () => number;
}

/** Makes Headscale users and one-use keys for units. */
export class UnitKeys {
  readonly #db: Database;
  readonly #shards: Shards;
  readonly #clock: () => number;

  constructor(options: UnitKeysOptions) {
    this.#db = options.db;
    this.#shards = options.shards;
    this.#clock = options.clock;
  }

  /** @throws ApiError headscale-unavailable when Headscale is silent or may not be given keys for; within 1 s */
  async assertReady(hub: Pick<HubRow, 'shard_id'>): Promise<void> {
    const { gate, headscale } = this.#shards.of(hub);
    const state = await gate.current();
    if (state.kind !== 'open') throw headscaleUnavailable(state.reason);
    // The gate may have been open since a minute; a Headscale that died since is noticed here, before any bcrypt.
    await headscale.health();
  }

  /**
   * Makes the unit's Headscale user, or adopts it if it is there.
   * @returns the id of the user
   * @throws HeadscaleError
   */
  async ensureUser(hub: HubRow): Promise<string> {
    if (hub.headscale_user_id !== null) return hub.headscale_user_id;
    const userId = await this.#createOrAdopt(hub);
    await updateHub(this.#db, hub.id, { headscale_user_id: userId });
    return userId;
  }

  /** A one-use key for the hub's own node. @throws HeadscaleError; ApiError not-found if the hub was deleted meanwhile */
  issueHubKey(hub: HubRow): Promise<UnitKey> {
    return this.#issue(hub, { kind: 'hub', lifeMs: HUB_KEY_MS, asker: null });
  }

  /**
   * A one-use key for a browser.
   * @throws HeadscaleError; ApiError not-found if the hub was deleted, or the access to it ended, meanwhile
   */
  issueBrowserKey(hub: HubRow, asker: KeyAsker): Promise<UnitKey> {
    return this.#issue(hub, { kind: 'browser', lifeMs: BROWSER_KEY_MS, asker });
  }

  async #issue(
    hub: HubRow,
    what: { kind: 'hub' | 'browser'; lifeMs: number; asker: KeyAsker | null },
  ): Promise<UnitKey> {
    const { kind, asker } = what;
    const expiresAtMs = this.#clock() + what.lifeMs;
    const row = {
      id: ulid(),
      hub_id: hub.id,
      account_id: asker?.accountId ?? null,
      grant_id: asker?.grantId ?? null,
      instance: asker?.instance ?? null,
      kind,
      state: 'pending' as const,
      headscale_key_id: null,
      created_at_ms: asker?.receivedAtMs ?? this.#clock(),
      expires_at_ms: expiresAtMs,
    };
    // The row comes first: if we die before the answer, it tells that a key nobody holds may exist until it expires.
    await insertIssuedKey(this.#db, row);
    const key = await this.#createKey(hub, kind === 'browser', expiresAtMs);
    await this.#assertStillActive(hub.id, key.id);
    // No key leaves unrecorded: if this fails, the key is nobody's and ends by itself.
    await this.#db.transaction().execute(async (trx) => {
      await updateIssuedKey(trx, row.id, { state: 'issued', headscale_key_id: key.id });
      const about = { accountId: row.account_id, hubId: hub.id, keyId: row.id };
      await recordAudit(trx, this.#clock(), { event: 'key-issued', ...about, kind });
    });
    // Only now: a cut that began before this line is seen here, one that begins after it sees the key.
    if (await isKeyCut(this.#db, row)) {
      await this.#shards.of(hub).headscale.expireKey(key.id);
      throw new ApiError(
        'not-found',
        'The access to this hub just ended. Reload the list of hubs.',
      );
    }
    return { id: key.id, authKey: key.key, expiresAtMs };
  }

  /**
   * Expires the hub keys that were handed out, after one of them was used or before another is made.
   * @param exceptKeyId Headscale's id of one that stays
   */
  async expireHubKeys(hubId: string, exceptKeyId?: string): Promise<void> {
    for (const key of await listOpenHubKeys(this.#db, hubId)) {
      if (exceptKeyId !== undefined && key.headscale_key_id === exceptKeyId) continue;
      const id = key.headscale_key_id;
      if (id !== null) await this.#shards.ofId(id).headscale.expireKey(id);
      await updateIssuedKey(this.#db, key.id, { state: 'spent' });
    }
  }

  async #createKey(hub: HubRow, ephemeral: boolean, expiresAtMs: number) {
    const userId = await this.ensureUser(hub);
    const userName = unitName(hub.id);
    const { headscale } = this.#shards.of(hub);
    try {
      return await headscale.createKey({ userId, userName, ephemeral, expiresAtMs });
    } catch (error) {
      if (!isHeadscaleError(error, 'not-found')) throw error;
      await this.#assertStillActive(hub.id);
      // Headscale lost the user (a restored or new database): make the unit again.
      const newId = await this.ensureUser({ ...hub, headscale_user_id: null });
      return headscale.createKey({ userId: newId, userName, ephemeral, expiresAtMs });
    }
  }

  /** A hub that was deleted in the meantime gets nothing, and a key that was just made for it goes again. */
  async #assertStillActive(hubId: string, keyId?: string): Promise<void> {
    const hub = await findHub(this.#db, hubId);
    if (hub?.state === 'active') return;
    if (keyId !== undefined) await this.#shards.ofId(keyId).headscale.deleteKey(keyId);
    throw new ApiError('not-found', 'This hub was just deleted. Reload the list of hubs.');
  }

  async #createOrAdopt(hub: HubRow): Promise<string> {
    const { headscale } = this.#shards.of(hub);
    const name = unitName(hub.id);
    try {
      return (await headscale.createUser(name)).id;
    } catch (error) {
      if (!isHeadscaleError(error, 'conflict')) throw error;
      const user = await headscale.findUser(name);
      if (user) return user.id;
      throw new HeadscaleError('unexpected', `user ${name} exists and cannot be found`, {
        cause: error,
      });
    }
  }
}

/** 503 with Retry-After. */
export function headscaleUnavailable(reason?: string, cause?: unknown): ApiError {
  return new ApiError(
    'headscale-unavailable',
    reason ?? 'Headscale does not answer. Try again in a few seconds.',
    // The supervisor restarts a dead Headscale within 1 s and it needs about 1 s to be ready.
    { headers: { 'Retry-After': '2' }, cause },
  );
}
