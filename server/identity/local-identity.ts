import { EXTENSION_SCOPES, Scope, type TokenSet } from '../../protocol/account.ts';
import { recordAudit } from '../audit/audit.ts';
import {
  findAccountByEmail,
  insertAccount,
  listAccounts,
  setAccountRole,
  setAccountStatus,
} from '../database/accounts.ts';
import type { Database } from '../database/database.ts';
import { listFamiliesOfAccount } from '../database/grants.ts';
import { deleteSessions } from '../database/sign-in.ts';
import {
  deleteAccessToken,
  deleteFamily,
  deleteTokensOfAccount,
  findAccessToken,
  findFamilyOfToken,
  findPairingCode,
  insertAccessToken,
  insertPairingCode,
  markPairingCodeUsed,
} from '../database/tokens.ts';
import { failure, ok, type Result } from '../result.ts';
import { hashSecret, makePairingCode, makeSecret, normalizePairingCode } from '../secrets.ts';
import { newAccount, toAccount } from './account.ts';
import { DpopProofs, type PresentedProof } from './dpop.ts';
import type {
  Account,
  CodeFailure,
  Grant,
  Identity,
  IssuedCode,
  PairingClient,
  Principal,
} from './identity.ts';
import type { MemoryTokens } from './memory-tokens.ts';
import { ACCESS_TOKEN_S, TokenIssuer, type RefreshFailure } from './token-issuer.ts';

/** Long enough to walk to the other machine. */
const PAIRING_CODE_MS = 10 * 60 * 1000;
export interface LocalIdentityOptions {
  db: Database;
  /** ms since 1970. */
  clock: () => number;
  /** What proofs of possession must name; if unset, none is good. */
  publicUrl?: string;
  /** Tokens that live in memory only; absent outside development. */
  memoryTokens?: MemoryTokens | undefined;
}

/** Accounts and opaque tokens in our own database. */
export class LocalIdentity implements Identity {
  readonly #db: Database;
  readonly #clock: () => number;
  readonly #memoryTokens: MemoryTokens | undefined;
  readonly #issuer: TokenIssuer;
  readonly #proofs: DpopProofs;

  constructor(options: LocalIdentityOptions) {
    this.#db = options.db;
    this.#clock = options.clock;
    this.#memoryTokens = options.memoryTokens;
    this.#issuer = new TokenIssuer(options.clock);
    this.#proofs = new DpopProofs({ publicUrl: options.publicUrl ?? '', clock: options.clock });
  }

  async createUser(email: string, role: Account['role']): Promise<Result<Account, 'email-taken'>> {
    const row = newAccount(email, role, this.#clock());
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

  async disableUser(accountId: string, byAccountId?: string): Promise<void> {
    this.#memoryTokens?.deleteOfAccount(accountId);
    await this.#db.transaction().execute(async (db) => {
      await setAccountStatus(db, accountId, 'disabled');
      await deleteTokensOfAccount(db, accountId);
      await deleteSessions(db, accountId);
      await recordAudit(db, this.#clock(), { event: 'account-disabled', accountId, byAccountId });
    });
  }

  async enableUser(accountId: string, byAccountId?: string): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      await setAccountStatus(db, accountId, 'active');
      await recordAudit(db, this.#clock(), { event: 'account-enabled', accountId, byAccountId });
    });
  }

  async setRole(accountId: string, role: Account['role'], byAccountId?: string): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      await setAccountRole(db, accountId, role);
      await deleteSessions(db, accountId); // pages that are open were drawn for the old role
      await recordAudit(db, this.#clock(), {
        event: 'account-changed',
        accountId,
        byAccountId,
        changed: ['role'],
      });
    });
  }

  async revokeAllForUser(accountId: string): Promise<void> {
    this.#memoryTokens?.deleteOfAccount(accountId);
    await this.#db.transaction().execute(async (db) => {
      await deleteTokensOfAccount(db, accountId);
      await deleteSessions(db, accountId);
      await recordAudit(db, this.#clock(), { event: 'signed-out-everywhere', accountId });
    });
  }

  async listGrants(accountId: string): Promise<Grant[]> {
    const rows = await listFamiliesOfAccount(this.#db, accountId, this.#clock());
    return rows.map((row) => ({
      id: row.id,
      client: row.client,
      label: row.label,
      address: row.address,
      createdAtMs: row.created_at_ms,
      usedAtMs: row.used_at_ms,
      expiresAtMs: row.expires_at_ms,
      isKeyBound: row.key_thumbprint !== null,
    }));
  }

  async revokeGrant(grantId: string): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      const accountId = await deleteFamily(db, grantId);
      if (accountId === undefined) return;
      await recordAudit(db, this.#clock(), { event: 'signed-out', accountId });
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
    if (!account) return failure('unknown');
    return ok({
      kind: 'account',
      account: toAccount(account),
      scopes,
      grantId: row.family_id,
      keyThumbprint: row.key_thumbprint,
    });
  }

  verifyProof(presented: PresentedProof): Promise<Result<string, string>> {
    return this.#proofs.verify(presented);
  }

  async issueTokens(accountId: string, scopes: readonly Scope[]): Promise<TokenSet> {
    const details = { scope: scopes.join(' '), client: null, label: null, address: null };
    const started = await this.#db
      .transaction()
      .execute((db) => this.#issuer.startFamily(db, accountId, details));
    return started.tokens;
  }

  refresh(refreshToken: string, keyThumbprint?: string): Promise<Result<TokenSet, RefreshFailure>> {
    return this.#db
      .transaction()
      .execute((db) => this.#issuer.refresh(db, refreshToken, keyThumbprint));
  }

  async revoke(token: string): Promise<void> {
    const hash = hashSecret(token);
    await this.#db.transaction().execute(async (db) => {
      const familyId = await findFamilyOfToken(db, hash);
      if (familyId === undefined) await deleteAccessToken(db, hash);
      else await deleteFamily(db, familyId);
    });
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

  redeemPairingCode(
    code: string,
    client: PairingClient = {},
  ): Promise<Result<TokenSet, CodeFailure>> {
    const hash = hashSecret(normalizePairingCode(code));
    return this.#db.transaction().execute(async (db) => {
      const row = await findPairingCode(db, hash);
      if (!row) return failure('unknown');
      if (row.used_at_ms !== null) return failure('used');
      if (row.expires_at_ms <= this.#clock()) return failure('expired');
      if (!(await markPairingCodeUsed(db, hash, this.#clock()))) return failure('used');
      const accountId = row.account_id;
      const { tokens } = await this.#issuer.startFamily(db, accountId, {
        scope: EXTENSION_SCOPES.join(' '),
        client: 'pairing-code',
        label: client.label ?? null,
        address: client.address ?? null,
        keyThumbprint: client.keyThumbprint,
      });
      await recordAudit(db, this.#clock(), { event: 'pairing-code-used', accountId });
      return ok(tokens);
    });
  }
}

function parseScopes(scope: string): Scope[] {
  const names = scope.split(' ').filter((name) => name !== ''); // a sign-in may have no scope at all
  return names.map((name) => Scope.parse(name));
}
