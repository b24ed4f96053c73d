import { ulid } from 'ulid';
import type { HubKey, HubRegistered, HubRegistration } from '../../protocol/hub-registration.ts';
import { recordAudit } from '../audit/audit.ts';
import { findAccount } from '../database/accounts.ts';
import type { Database } from '../database/database.ts';
import {
  countHubsByShard,
  countHubsOfAccount,
  findHub,
  insertHub,
  listShardsOfAccount,
  type HubRow,
} from '../database/hubs.ts';
import { setRejoinKey, spendRejoinApproval } from '../database/rejoin-approvals.ts';
import {
  countOpenJoinTokens,
  findJoinToken,
  insertJoinToken,
  markJoinTokenUsed,
} from '../database/tokens.ts';
import type { Account } from '../identity/identity.ts';
import { errorText, type Log } from '../log.ts';
import { ApiError } from '../problem.ts';
import { hashSecret, makeSecret } from '../secrets.ts';
import type { HubNotices } from './hub-notices.ts';
import type { Shard, Shards } from './shards.ts';
import { isLiveHubNode, unitName } from './unit.ts';
import type { UnitKeys } from './unit-keys.ts';

/** Long enough to log in to the machine and run one command. */
const JOIN_TOKEN_MS = 30 * 60 * 1000;
/** Open join tokens of one account: more machines at a time are a script, which can wait for each. */
export const OPEN_JOIN_TOKENS = 20;

export interface EnrolmentOptions {
  db: Database;
  keys: UnitKeys;
  notices: HubNotices;
  shards: Shards;
  /** What this server calls itself. */
  publicUrl: string;
  clock: () => number;
  log: Log;
}

/** How a machine becomes a hub: join token, registration, key. */
export class Enrolment {
  readonly #options: EnrolmentOptions;

  constructor(options: EnrolmentOptions) {
    this.#options = options;
  }

  /** @throws ApiError conflict when the account has as many hubs, or open tokens, as it may have */
  async createJoinToken(account: Account): Promise<{ token: string; expiresAtMs: number }> {
    const { db, clock } = this.#options;
    await assertHubsLeft(db, account.id, account.hubLimit);
    await this.#shardFor(db, account.id); // Said now, not on the machine that was prepared for it.
    if ((await countOpenJoinTokens(db, account.id, clock())) >= OPEN_JOIN_TOKENS) {
      throw new ApiError(
        'conflict',
        `This account has ${OPEN_JOIN_TOKENS} unused join tokens, as many as it may have. Use one, or wait: they live 30 minutes.`,
      );
    }
    const token = makeSecret('join');
    const expiresAtMs = clock() + JOIN_TOKEN_MS;
    await db.transaction().execute(async (trx) => {
      await insertJoinToken(trx, {
        hash: hashSecret(token),
        account_id: account.id,
        expires_at_ms: expiresAtMs,
        used_at_ms: null,
        hub_id: null,
      });
      await recordAudit(trx, clock(), { event: 'join-token-created', accountId: account.id });
    });
    return { token, expiresAtMs };
  }

  /**
   * Turns a join token into a hub. The same machine may repeat it while the token lives.
   * @throws ApiError join-token-unknown, join-token-used, join-token-expired, conflict
   */
  async register(joinToken: string, registration: HubRegistration): Promise<HubRegistered> {
    const { db, keys, log } = this.#options;
    // Errors thrown in here roll back, so a token is not lost to a full account.
    const hub = await db
      .transaction()
      .execute((trx) => this.#registerIn(trx, hashSecret(joinToken), registration));
    try {
      await keys.assertReady(hub);
      await keys.ensureUser(hub);
    } catch (error) {
      // The hub is registered either way; its user is made with its first key.
      log('warn', 'unit-postponed', { hubId: hub.id, error: errorText(error) });
    }
    log('info', 'hub-registered', { hubId: hub.id, accountId: hub.account_id });
    return { hubId: hub.id, name: hub.name, issuer: this.#options.publicUrl };
  }

  /**
   * A key for the hub's own node: only while no node of the hub is live, or once after its owner approved. So whoever
   * copies a hub's key cannot take the place of a hub that is online.
   * @throws ApiError not-found (the hub was deleted), hub-node-live, headscale-unavailable, rate-limited
   */
  async issueHubKey(hubId: string): Promise<HubKey> {
    const { db, keys, shards } = this.#options;
    const hub = await findHub(db, hubId);
    if (!hub || hub.state !== 'active') throw hubRemoved();
    const { queue, controlUrl } = shards.of(hub);
    await keys.assertReady(hub);
    const isApproved = (await this.#hasLiveNode(hub)) && (await this.#spendApproval(hubId));
    const key = await queue.inTurn(hub.account_id, async () => {
      await keys.expireHubKeys(hubId); // One open key at a time: an unused older one is nobody's any more.
      return keys.issueHubKey(hub);
    });
    if (isApproved) await setRejoinKey(db, hubId, key.id);
    return {
      authKey: key.authKey,
      controlUrl,
      expiresAt: new Date(key.expiresAtMs).toISOString(),
      hostname: unitName(hubId),
    };
  }

  async #hasLiveNode(hub: HubRow): Promise<boolean> {
    const { shards, clock } = this.#options;
    const nodes = await shards.of(hub).directory.fresh();
    return nodes.some((node) => isLiveHubNode(node, hub.id, clock()));
  }

  /** @throws ApiError hub-node-live unless the owner approved; then the owner is told that somebody asked */
  async #spendApproval(hubId: string): Promise<true> {
    const { db, notices, clock } = this.#options;
    if (await spendRejoinApproval(db, hubId, clock())) return true;
    await notices.report(hubId, 'key-refused');
    throw new ApiError(
      'hub-node-live',
      'This hub is online already, so it gets no second key. Stop its tailscaled first (`hubtab hub down`), ' +
        'or let its owner approve that it joins again.',
    );
  }

  async #registerIn(db: Database, hash: string, registration: HubRegistration): Promise<HubRow> {
    const nowMs = this.#options.clock();
    const token = await findJoinToken(db, hash);
    const account = token && (await findAccount(db, token.account_id));
    if (!token || account?.status !== 'active') throw joinTokenError('unknown');
    if (token.expires_at_ms <= nowMs) throw joinTokenError('expired');
    if (token.hub_id !== null) {
      const hub = await findHub(db, token.hub_id);
      if (hub?.state === 'active' && hub.public_key === registration.publicKey.x) return hub;
      throw joinTokenError('used');
    }
    await assertHubsLeft(db, account.id, account.hub_limit);
    const shard = await this.#shardFor(db, account.id);
    const hub = newHub({ account_id: account.id, shard_id: shard.id }, registration, nowMs);
    await insertHub(db, hub);
    if (!(await markJoinTokenUsed(db, hash, hub.id, nowMs))) throw joinTokenError('used');
    await recordAudit(db, nowMs, {
      event: 'hub-registered',
      accountId: account.id,
      hubId: hub.id,
    });
    return hub;
  }

  async #shardFor(db: Database, accountId: string): Promise<Shard> {
    const { shards } = this.#options;
    const own = await listShardsOfAccount(db, accountId);
    return shards.withRoom(await countHubsByShard(db), own);
  }
}

/** Answer to a hub that was deleted, or whose account never had it. */
function hubRemoved(): ApiError {
  return new ApiError(
    'not-found',
    'This hub was removed from its account. Run `hubtab hub join` with a new token to add it again.',
  );
}

/** The errors of `Authorization: Bearer <join token>`. */
export function joinTokenError(why: 'unknown' | 'used' | 'expired'): ApiError {
  const again = 'Make a new one in the extension ("Add a hub") and run the command it shows.';
  const what = {
    unknown: 'This join token is not known here.',
    used: 'This join token was used already.',
    expired: 'This join token has expired; they live 30 minutes.',
  }[why];
  return new ApiError(`join-token-${why}`, `${what} ${again}`, {
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  });
}

async function assertHubsLeft(db: Database, accountId: string, limit: number): Promise<void> {
  if ((await countHubsOfAccount(db, accountId)) < limit) return;
  throw new ApiError(
    'conflict',
    `This account has ${limit} hubs, as many as it may have. Delete one first.`,
  );
}

function newHub(
  place: Pick<HubRow, 'account_id' | 'shard_id'>,
  registration: HubRegistration,
  nowMs: number,
): HubRow {
  return {
    id: ulid(nowMs),
    ...place,
    state: 'active',
    name: registration.name,
    ssh_user: registration.sshUser,
    public_key: registration.publicKey.x,
    tmux_path: registration.tmux.path,
    tmux_socket: registration.tmux.socket,
    hubtab_path: registration.hubtabPath,
    headscale_user_id: null,
    node_id: null,
    node_key: null,
    node_ip: null,
    host_keys: null,
    versions: null,
    last_heartbeat_ms: null,
    created_at_ms: nowMs,
    deleted_at_ms: null,
  };
}
