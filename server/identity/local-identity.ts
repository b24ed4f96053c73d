import { ulid } from 'ulid';
import { EXTENSION_SCOPES, Scope, type TokenSet } from '../../protocol/account.ts';
import { recordAudit } from '../audit/audit.ts';
import {
  findAccountByEmail,
  insertAccount,
  listAccounts,
  setAccountStatus,
  type AccountRow,
} from '../database/accounts.ts';
import type { Database } from '../database/database.ts';
import {
  deleteAccessToken,
  deleteFamily,
  deleteTokensOfAccount,
  findAccessToken,
  findFamilyOfToken,
  findPairingCode,
  findRefreshToken,
  insertAccessToken,
  insertFamily,
  insertPairingCode,
  insertRefreshToken,
  markPairingCodeUsed,
  markRefreshTokenUsed,
} from '../database/tokens.ts';
import { failure, ok, type Result } from '../result.ts';
import { hashSecret, makePairingCode, makeSecret, normalizePairingCode } from '../secrets.ts';
import { toAccount } from './account.ts';
import type { Account, CodeFailure, Identity, IssuedCode, Principal } from './identity.ts';
import type { MemoryTokens } from './memory-tokens.ts';

/** Short, so that a leaked access token is soon worthless; each use is looked up, so revocation is instant anyway. */
const ACCESS_TOKEN_S = 600;
/** A sign-in ends after this long whatever is refreshed (OWASP ASVS 10.4.8). */
const FAMILY_MS = 30 * 24 * 3600 * 1000;
/** Long enough to walk to the other machine. */
const PAIRING_CODE_MS = 10 * 60 * 1000;
/** Hubs of an account, unless the administrator sets another number. */
const DEFAULT_HUB_LIMIT = 50;

export interface LocalIdentityOptions {
  db: Database;
  /** ms since 1970. */
  clock: () => number;
  /** Tokens that live in memory only; absent outside development. */
  memoryTokens?: MemoryTokens | undefined;
}

/** Accounts and opaque tokens in our own database. */
export class LocalIdentity implements Identity {
  readonly #db: Database;
  readonly #clock: () => number;
  readonly #memoryTokens: MemoryTokens | undefined;

  constructor(options: LocalIdentityOptions) {
    this.#db = options.db;
    this.#clock = options.clock;
    this.#memoryTokens = options.memoryTokens;
  }

  async createUser(email: string, role: Account['role']): Promise<Result<Account, 'email-taken'>> {
    const row: AccountRow = {
      id: ulid(),
      email: email.toLowerCase(),
      role,
      status: 'active',
      hub_limit: DEFAULT_HUB_LIMIT,
      created_at_ms: this.#clock(),
    };
    return this.#db.transaction().execute(async (db) => {
      if (!(await insertAccount(db, row))) return failure('email-taken');
      const { id: accountId, created_at_ms: nowMs } = row;
      await recordAudit(db, nowMs, { event: 'account-created', accountId, kind: role });
      return ok(toAccount(row));
    });
  }

  async findUserByEmail(email: string): Promise<Account | undefined> {
    const row = await findAccountByEmail(this.#db, email.toLowerCase());
    return row && toAccount(row);
  }

  async listUsers(): Promise<Account[]> {
    return (await listAccounts(this.#db)).map(toAccount);
  }

  async disableUser(accountId: string): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      await setAccountStatus(db, accountId, 'disabled');
      await deleteTokensOfAccount(db, accountId);
      await recordAudit(db, this.#clock(), { event: 'account-disabled', accountId });
    });
  }

  async revokeAllForUser(accountId: string): Promise<void> {
    this.#memoryTokens?.deleteOfAccount(accountId);
    await this.#db.transaction().execute(async (db) => {
      await deleteTokensOfAccount(db, accountId);
      await recordAudit(db, this.#clock(), { event: 'signed-out-everywhere', accountId });
    });
  }

  async authenticateAccessToken(token: string): Promise<Result<Principal, 'unknown' | 'expired'>> {
    const hash = hashSecret(token);
    const remembered = await this.#memoryTokens?.find(hash, this.#db);
    if (remembered) return ok(remembered);
    const row = await findAccessToken(this.#db, hash);
    if (!row || row.status !== 'active') return failure('unknown');
    if (row.expires_at_ms <= this.#clock()) return failure('expired');
    const scopes = parseScopes(row.scope);
    if (row.hub_id !== null) {
      return ok({ kind: 'hub', hubId: row.hub_id, accountId: row.account_id, scopes });
    }
    const account = await findAccountByEmail(this.#db, row.email);
    return account
      ? ok({ kind: 'account', account: toAccount(account), scopes, grantId: row.family_id })
      : failure('unknown');
  }

  issueTokens(accountId: string, scopes: readonly Scope[]): Promise<TokenSet> {
    return this.#db.transaction().execute((db) => this.#startFamily(db, accountId, scopes));
  }

  refresh(refreshToken: string): Promise<Result<TokenSet, 'unknown' | 'reused' | 'expired'>> {
    const hash = hashSecret(refreshToken);
    // Failures are returned, not thrown: the transaction must commit the end of a family.
    return this.#db.transaction().execute(async (db) => {
      const token = await findRefreshToken(db, hash);
      if (!token || token.status !== 'active') return failure('unknown');
      if (!(await markRefreshTokenUsed(db, hash, this.#clock()))) {
        await deleteFamily(db, token.family_id);
        const accountId = token.account_id;
        await recordAudit(db, this.#clock(), { event: 'refresh-token-reused', accountId });
        return failure('reused');
      }
      if (token.expires_at_ms <= this.#clock()) {
        await deleteFamily(db, token.family_id);
        return failure('expired');
      }
      return ok(await this.#issueInFamily(db, token.family_id, token.scope, token.expires_at_ms));
    });
  }

  async revoke(token: string): Promise<void> {
    const hash = hashSecret(token);
    await this.#db.transaction().execute(async (db) => {
      const familyId = await findFamilyOfToken(db, hash);
      if (familyId === undefined) await deleteAccessToken(db, hash);
      else await deleteFamily(db, familyId);
    });
  }

  revokeGrant(grantId: string): Promise<void> {
    return deleteFamily(this.#db, grantId);
  }

  async issueHubToken(hubId: string): Promise<TokenSet> {
    const scope: Scope = 'hub:self';
    const accessToken = makeSecret('access');
    await insertAccessToken(this.#db, {
      hash: hashSecret(accessToken),
      family_id: null,
      hub_id: hubId,
      scope,
      expires_at_ms: this.#clock() + ACCESS_TOKEN_S * 1000,
    });
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: ACCESS_TOKEN_S,
      scope,
    };
  }

  async createPairingCode(accountId: string): Promise<IssuedCode> {
    const code = makePairingCode();
    const nowMs = this.#clock();
    const expiresAtMs = nowMs + PAIRING_CODE_MS;
    await this.#db.transaction().execute(async (db) => {
      await insertPairingCode(db, {
        hash: hashSecret(normalizePairingCode(code)),
        account_id: accountId,
        expires_at_ms: expiresAtMs,
        used_at_ms: null,
      });
      await recordAudit(db, nowMs, { event: 'pairing-code-created', accountId });
    });
    return { code, expiresAtMs };
  }

  redeemPairingCode(code: string): Promise<Result<TokenSet, CodeFailure>> {
    const hash = hashSecret(normalizePairingCode(code));
    return this.#db.transaction().execute(async (db) => {
      const row = await findPairingCode(db, hash);
      if (!row) return failure('unknown');
      if (row.used_at_ms !== null) return failure('used');
      if (row.expires_at_ms <= this.#clock()) return failure('expired');
      if (!(await markPairingCodeUsed(db, hash, this.#clock()))) return failure('used');
      const tokens = await this.#startFamily(db, row.account_id, EXTENSION_SCOPES);
      const accountId = row.account_id;
      await recordAudit(db, this.#clock(), { event: 'pairing-code-used', accountId });
      return ok(tokens);
    });
  }

  async #startFamily(db: Database, accountId: string, scopes: readonly Scope[]): Promise<TokenSet> {
    const nowMs = this.#clock();
    const family = {
      id: ulid(),
      account_id: accountId,
      scope: scopes.join(' '),
      created_at_ms: nowMs,
      expires_at_ms: nowMs + FAMILY_MS,
    };
    await insertFamily(db, family);
    return this.#issueInFamily(db, family.id, family.scope, family.expires_at_ms);
  }

  async #issueInFamily(
    db: Database,
    familyId: string,
    scope: string,
    familyExpiresAtMs: number,
  ): Promise<TokenSet> {
    const accessToken = makeSecret('access');
    const refreshToken = makeSecret('refresh');
    const leftS = Math.ceil((familyExpiresAtMs - this.#clock()) / 1000);
    const expiresInS = Math.min(ACCESS_TOKEN_S, leftS);
    await insertAccessToken(db, {
      hash: hashSecret(accessToken),
      family_id: familyId,
      hub_id: null,
      scope,
      expires_at_ms: this.#clock() + expiresInS * 1000,
    });
    await insertRefreshToken(db, hashSecret(refreshToken), familyId);
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: expiresInS,
      refresh_token: refreshToken,
      scope,
    };
  }
}

function parseScopes(scope: string): Scope[] {
  return scope.split(' ').map((name) => Scope.parse(name));
}
