import { EXTENSION_SCOPES, type TokenSet } from '../../protocol/account.ts';
import {
  EXTENSION_CLIENT_ID,
  HUB_CLIENT_ID,
  type DeviceAuthorization,
} from '../../protocol/oauth.ts';
import { findAccount } from '../database/accounts.ts';
import { recordAudit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import {
  countWaitingDeviceCodes,
  findDeviceCode,
  findUserCode,
  insertDeviceCode,
  markPolled,
  moveDeviceCode,
  type DeviceCodeRow,
} from '../database/grants.ts';
import { ApiError } from '../problem.ts';
import { failure, ok, type Result } from '../result.ts';
import { hashSecret, makePairingCode, makeSecret, normalizePairingCode } from '../secrets.ts';
import type { Account } from './identity.ts';
import type { TokenIssuer } from './token-issuer.ts';

/** Time to open the page and sign in (RFC 8628 leaves it open; shorter than its example, because it can be phished). */
const CODE_MS = 10 * 60 * 1000;
const INTERVAL_S = 5;
/** Clocks and networks jitter: a poll this much early is not yet too fast, in ms. */
const EARLY_MS = 1000;
/** Codes of one address that may wait at once. */
const MAX_WAITING = 20;

export type DeviceFailure =
  | 'authorization_pending'
  | 'slow_down'
  | 'access_denied'
  | 'expired_token'
  | 'invalid_grant';

export interface DeviceGrantsOptions {
  db: Database;
  issuer: TokenIssuer;
  publicUrl: string;
  /** Makes the token with which a machine registers as a hub, once. */
  createJoinToken: (account: Account) => Promise<{ token: string; expiresAtMs: number }>;
  clock: () => number;
}

/** The device grant (RFC 8628): a machine without a browser, or a browser without a sign-in window, shows a code. */
export class DeviceGrants {
  readonly #options: DeviceGrantsOptions;

  constructor(options: DeviceGrantsOptions) {
    this.#options = options;
  }

  /** @throws ApiError rate-limited when too many codes of this address wait */
  async start(asked: {
    client: string;
    scope: string;
    label: string;
    address: string;
    keyThumbprint: string | undefined;
  }): Promise<DeviceAuthorization> {
    const { db, publicUrl, clock } = this.#options;
    const nowMs = clock();
    if ((await countWaitingDeviceCodes(db, asked.address, nowMs)) >= MAX_WAITING) {
      throw new ApiError('rate-limited', 'Too many codes wait for approval. Use one of them.', {
        headers: { 'Retry-After': '60' },
      });
    }
    const deviceCode = makeSecret('device');
    const userCode = makePairingCode();
    await insertDeviceCode(db, {
      hash: hashSecret(deviceCode),
      user_code_hash: hashUserCode(userCode),
      client: asked.client,
      scope: asked.scope,
      label: asked.label,
      address: asked.address,
      key_thumbprint: asked.keyThumbprint ?? null,
      state: 'waiting',
      account_id: null,
      polled_at_ms: null,
      expires_at_ms: nowMs + CODE_MS,
    });
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${publicUrl}/device`,
      verification_uri_complete: `${publicUrl}/device?code=${userCode}`,
      expires_in: CODE_MS / 1000,
      interval: INTERVAL_S,
    };
  }

  /** What waits with this code; undefined if nothing does (any more). */
  async find(userCode: string): Promise<DeviceCodeRow | undefined> {
    const row = await findUserCode(this.#options.db, hashUserCode(userCode));
    const isOpen = row?.state === 'waiting' && row.expires_at_ms > this.#options.clock();
    return isOpen ? row : undefined;
  }

  /** The person's answer. @returns false if the code no longer waited */
  decide(row: DeviceCodeRow, accountId: string, isApproved: boolean): Promise<boolean> {
    const { db, clock } = this.#options;
    const state = isApproved ? 'approved' : 'denied';
    return db.transaction().execute(async (trx) => {
      if (!(await moveDeviceCode(trx, row.hash, 'waiting', state, accountId))) return false;
      const { scope: kind, address } = row;
      await recordAudit(trx, clock(), { event: `device-${state}`, accountId, kind, address });
      return true;
    });
  }

  /** A poll of the machine. */
  async exchange(
    deviceCode: string,
    client: string,
    keyThumbprint: string | undefined,
  ): Promise<Result<TokenSet, DeviceFailure>> {
    const { db, clock } = this.#options;
    const nowMs = clock();
    const hash = hashSecret(deviceCode);
    const row = await findDeviceCode(db, hash);
    if (!row || row.client !== client || row.state === 'spent') return failure('invalid_grant');
    if (row.key_thumbprint !== (keyThumbprint ?? null)) return failure('invalid_grant');
    if (row.expires_at_ms <= nowMs) return failure('expired_token');
    if (row.state === 'denied') return failure('access_denied');
    const isEarly =
      row.polled_at_ms !== null && nowMs - row.polled_at_ms < INTERVAL_S * 1000 - EARLY_MS;
    await markPolled(db, hash, nowMs);
    if (isEarly) return failure('slow_down');
    if (row.state === 'waiting' || row.account_id === null) return failure('authorization_pending');
    return this.#spend(row, row.account_id);
  }

  async #spend(row: DeviceCodeRow, accountId: string): Promise<Result<TokenSet, DeviceFailure>> {
    const { db, issuer, createJoinToken, clock } = this.#options;
    const account = await findAccount(db, accountId);
    if (account?.status !== 'active') return failure('access_denied');
    if (row.client === HUB_CLIENT_ID) {
      if (!(await moveDeviceCode(db, row.hash, 'approved', 'spent')))
        return failure('invalid_grant');
      const { token, expiresAtMs } = await createJoinToken({
        ...account,
        hubLimit: account.hub_limit,
      });
      return ok({
        access_token: token,
        token_type: 'Bearer',
        expires_in: Math.floor((expiresAtMs - clock()) / 1000),
        scope: row.scope,
      });
    }
    return db.transaction().execute(async (trx) => {
      const isFirst = await moveDeviceCode(trx, row.hash, 'approved', 'spent');
      if (!isFirst) return failure('invalid_grant');
      const { tokens } = await issuer.startFamily(trx, account.id, {
        scope: row.scope,
        client: 'device',
        label: row.label,
        address: row.address,
        keyThumbprint: row.key_thumbprint ?? undefined,
      });
      return ok(tokens);
    });
  }
}

/** The scope that a client gets by device grant; undefined if it may not have what it asks for. */
export function deviceScope(client: string, asked: string | undefined): string | undefined {
  if (client === HUB_CLIENT_ID) {
    return asked === undefined || asked === 'hub:register' ? 'hub:register' : undefined;
  }
  if (client !== EXTENSION_CLIENT_ID) return undefined;
  const names = asked?.split(' ') ?? [...EXTENSION_SCOPES];
  const scopes = EXTENSION_SCOPES.filter((scope) => names.includes(scope));
  return scopes.length === names.length ? scopes.join(' ') : undefined;
}

function hashUserCode(code: string): string {
  return hashSecret(normalizePairingCode(code));
}
