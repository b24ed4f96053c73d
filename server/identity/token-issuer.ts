import { ulid } from 'ulid';
import type { TokenSet } from '../../protocol/account.ts';
import { recordAudit } from '../audit/audit.ts';
import { intendCutOfGrant } from '../database/browser-cuts.ts';
import type { Database } from '../database/database.ts';
import { touchFamily } from '../database/grants.ts';
import type { GrantClient } from '../database/schema.ts';
import {
  deleteFamily,
  findRefreshToken,
  insertAccessToken,
  insertFamily,
  insertRefreshToken,
  markRefreshTokenUsed,
} from '../database/tokens.ts';
import { failure, ok, type Result } from '../result.ts';
import { hashSecret, makeSecret } from '../secrets.ts';

/** Short, so that a leaked access token is soon worthless; each use is looked up, so revocation is instant anyway. */
export const ACCESS_TOKEN_S = 600;
/** A sign-in ends after this long whatever is refreshed (OWASP ASVS 10.4.8). */
const FAMILY_MS = 30 * 24 * 3600 * 1000;
/** A sign-in that nobody used for this long ends. */
const IDLE_MS = 14 * 24 * 3600 * 1000;

/** What is known of a new sign-in. */
export interface GrantDetails {
  /** Space-separated. */
  scope: string;
  client: GrantClient | null;
  label: string | null;
  address: string | null;
  /** The key that every use must prove; if unset, tokens are plain bearer tokens. */
  keyThumbprint?: string | undefined;
}

export type RefreshFailure = 'unknown' | 'reused' | 'expired' | 'wrong-key';

/** Opaque tokens in families: all that descend from one sign-in. The database holds their hashes. */
export class TokenIssuer {
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Starts a family. Call it in a transaction. */
  async startFamily(
    db: Database,
    accountId: string,
    details: GrantDetails,
  ): Promise<{ tokens: TokenSet; familyId: string }> {
    const nowMs = this.#clock();
    const family = {
      id: ulid(),
      account_id: accountId,
      scope: details.scope,
      created_at_ms: nowMs,
      expires_at_ms: nowMs + FAMILY_MS,
      idle_expires_at_ms: nowMs + IDLE_MS,
      used_at_ms: null,
      client: details.client,
      label: details.label,
      address: details.address,
      key_thumbprint: details.keyThumbprint ?? null,
    };
    await insertFamily(db, family);
    return { tokens: await this.#issue(db, family), familyId: family.id };
  }

  /** Exchanges a refresh token. Call it in a transaction that commits failures too: reuse ends the family. */
  async refresh(
    db: Database,
    refreshToken: string,
    keyThumbprint: string | undefined,
  ): Promise<Result<TokenSet, RefreshFailure>> {
    const nowMs = this.#clock();
    const hash = hashSecret(refreshToken);
    const token = await findRefreshToken(db, hash);
    if (!token || token.status !== 'active') return failure('unknown');
    // Before it is marked: whoever has the token and not the key must not be able to end the sign-in.
    if (token.key_thumbprint !== null && token.key_thumbprint !== keyThumbprint) {
      return failure('wrong-key');
    }
    if (!(await markRefreshTokenUsed(db, hash, nowMs))) {
      await deleteFamily(db, token.family_id);
      await intendCutOfGrant(db, token.family_id, nowMs);
      const accountId = token.account_id;
      await recordAudit(db, nowMs, { event: 'refresh-token-reused', accountId });
      return failure('reused');
    }
    if (Math.min(token.expires_at_ms, token.idle_expires_at_ms ?? Infinity) <= nowMs) {
      await deleteFamily(db, token.family_id);
      return failure('expired');
    }
    await touchFamily(db, token.family_id, nowMs, nowMs + IDLE_MS);
    return ok(await this.#issue(db, { ...token, id: token.family_id }));
  }

  async #issue(
    db: Database,
    family: { id: string; scope: string; expires_at_ms: number; key_thumbprint: string | null },
  ): Promise<TokenSet> {
    const accessToken = makeSecret('access');
    const refreshToken = makeSecret('refresh');
    const leftS = Math.ceil((family.expires_at_ms - this.#clock()) / 1000);
    const expiresInS = Math.min(ACCESS_TOKEN_S, leftS);
    await insertAccessToken(db, {
      hash: hashSecret(accessToken),
      family_id: family.id,
      hub_id: null,
      scope: family.scope,
      expires_at_ms: this.#clock() + expiresInS * 1000,
    });
    await insertRefreshToken(db, hashSecret(refreshToken), family.id);
    return {
      access_token: accessToken,
      token_type: family.key_thumbprint === null ? 'Bearer' : 'DPoP',
      expires_in: expiresInS,
      refresh_token: refreshToken,
      scope: family.scope,
    };
  }
}
