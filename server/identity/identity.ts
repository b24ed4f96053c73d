import type { Scope, TokenSet } from '../../protocol/account.ts';
import type { GrantClient } from '../database/schema.ts';
import type { Result } from '../result.ts';
import type { PresentedProof } from './dpop.ts';
import type { RefreshFailure } from './token-issuer.ts';

/** Who a request speaks for. */
export type Principal =
  | {
      kind: 'account';
      account: Account;
      scopes: readonly Scope[];
      /** The sign-in behind the token; null for tokens that live in memory only. */
      grantId: string | null;
      /** The key that each use must prove; null for plain bearer tokens. */
      keyThumbprint: string | null;
    }
  | { kind: 'hub'; hubId: string; accountId: string; scopes: readonly Scope[] };

export interface Account {
  id: string;
  email: string;
  role: 'admin' | 'member';
  status: 'active' | 'disabled';
  /** How many hubs it may register. */
  hubLimit: number;
}

export type CodeFailure = 'unknown' | 'used' | 'expired';

export interface IssuedCode {
  code: string;
  expiresAtMs: number;
}

/** One sign-in of an extension, as its person sees it. */
export interface Grant {
  id: string;
  client: GrantClient | null;
  label: string | null;
  address: string | null;
  createdAtMs: number;
  usedAtMs: number | null;
  expiresAtMs: number;
  isKeyBound: boolean;
}

/** Who typed a pairing code. */
export interface PairingClient {
  label?: string;
  address?: string;
  keyThumbprint?: string | undefined;
}

/**
 * Accounts and tokens. The rest of the server knows nothing about how people prove who they are, so that another sign-in
 * (OAuth, passkeys) fits behind the same port. Every method may throw when the database fails.
 */
export interface Identity {
  /** @returns `email-taken` if there is such an account, upper or lower case */
  createUser(email: string, role: Account['role']): Promise<Result<Account, 'email-taken'>>;
  findUserByEmail(email: string): Promise<Account | undefined>;
  listUsers(): Promise<Account[]>;
  /** Ends every token and session of the account and refuses new ones. Live nodes are the caller's to cut. */
  disableUser(accountId: string, byAccountId?: string): Promise<void>;
  enableUser(accountId: string, byAccountId?: string): Promise<void>;
  /** Sessions in browsers end, so that no page stays that was drawn for the old role. */
  setRole(accountId: string, role: Account['role'], byAccountId?: string): Promise<void>;
  /** Ends every token, session, unused code and unused join token of the account. */
  revokeAllForUser(accountId: string): Promise<void>;
  /** Sign-ins of extensions, newest first. */
  listGrants(accountId: string): Promise<Grant[]>;
  /** Ends one sign-in with all its tokens. No error if there is none. */
  revokeGrant(grantId: string): Promise<void>;

  authenticateAccessToken(token: string): Promise<Result<Principal, 'unknown' | 'expired'>>;
  /** @returns the thumbprint of the key that signed it, or a sentence that says what is wrong */
  verifyProof(presented: PresentedProof): Promise<Result<string, string>>;
  /** Starts a token family, as a finished sign-in does. */
  issueTokens(accountId: string, scopes: readonly Scope[]): Promise<TokenSet>;
  /** Exchanges a refresh token. A second use of one ends its whole family. @param keyThumbprint of the proof, if there was one */
  refresh(refreshToken: string, keyThumbprint?: string): Promise<Result<TokenSet, RefreshFailure>>;
  /** Ends the family of an access or refresh token. No error if there is none (RFC 7009). */
  revoke(token: string): Promise<void>;
  /** A token with scope `hub:self` only, without a refresh token. */
  issueHubToken(hubId: string): Promise<TokenSet>;

  /** One use, for typing: `XXXX-XXXX`. */
  createPairingCode(accountId: string): Promise<IssuedCode>;
  redeemPairingCode(code: string, client?: PairingClient): Promise<Result<TokenSet, CodeFailure>>;
}
