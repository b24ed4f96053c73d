import { createHash } from 'node:crypto';
import { z } from 'zod';
import { EXTENSION_SCOPES, type Scope, type TokenSet } from '../../protocol/account.ts';
import {
  EXTENSION_CLIENT_ID,
  extensionRedirectUri,
  FIREFOX_REDIRECT_URI,
} from '../../protocol/oauth.ts';
import { recordAudit } from '../audit/audit.ts';
import { intendCutOfGrant } from '../database/browser-cuts.ts';
import type { Database } from '../database/database.ts';
import {
  findAuthorizationCode,
  insertAuthorizationCode,
  markAuthorizationCodeUsed,
  setFamilyOfCode,
} from '../database/grants.ts';
import { deleteFamily } from '../database/tokens.ts';
import { failure, ok, type Result } from '../result.ts';
import { hashSecret, makeSecret } from '../secrets.ts';
import type { TokenIssuer } from './token-issuer.ts';

/** The extension exchanges a code at once (OWASP ASVS 10.4.3). */
const CODE_MS = 60 * 1000;

/** Query of `GET /oauth2/authorize`, with what every request needs. */
const Parameters = z.object({
  response_type: z.literal('code'),
  code_challenge: z.string().regex(/^[\w-]{43}$/),
  code_challenge_method: z.literal('S256'),
  state: z.string().min(1).max(512),
  scope: z.string().max(200).optional(),
  dpop_jkt: z
    .string()
    .regex(/^[\w-]{43}$/)
    .optional(),
});

/** A request of the extension that a person may allow. */
export interface AuthorizationRequest {
  redirectUri: string;
  state: string;
  challenge: string;
  scopes: readonly Scope[];
  keyThumbprint: string | null;
}

/** Why there is nothing to allow: an `untrusted` one must not be answered by a redirect. */
export type AuthorizationRefusal =
  | { kind: 'untrusted'; sentence: string }
  | { kind: 'redirect'; to: string };

export interface AuthorizationOptions {
  db: Database;
  issuer: TokenIssuer;
  publicUrl: string;
  extensionIds: readonly string[];
  clock: () => number;
}

/** The authorization code grant of the extension: PKCE with S256 only, exact redirect addresses, RFC 9207's `iss`. */
export class Authorization {
  readonly #options: AuthorizationOptions;
  readonly #redirectUris: ReadonlySet<string>;

  constructor(options: AuthorizationOptions) {
    this.#options = options;
    this.#redirectUris = new Set([
      ...options.extensionIds.map(extensionRedirectUri),
      FIREFOX_REDIRECT_URI,
    ]);
  }

  read(query: Record<string, string>): Result<AuthorizationRequest, AuthorizationRefusal> {
    const untrusted = (sentence: string) => failure({ kind: 'untrusted' as const, sentence });
    if (query.client_id !== EXTENSION_CLIENT_ID) {
      return untrusted('This server does not know the program that asks.');
    }
    const redirectUri = query.redirect_uri ?? '';
    if (!this.#redirectUris.has(redirectUri)) {
      return untrusted(
        'The extension that asks is not one that this server knows. An admin can add its id to extensionIds.',
      );
    }
    const refuse = (error: string) =>
      failure({
        kind: 'redirect' as const,
        to: this.#answer(redirectUri, query.state ?? '', { error }),
      });
    const parsed = Parameters.safeParse(query);
    if (!parsed.success) {
      const isType = query.response_type !== undefined && query.response_type !== 'code';
      return refuse(isType ? 'unsupported_response_type' : 'invalid_request');
    }
    const { state, code_challenge: challenge, scope, dpop_jkt: jkt } = parsed.data;
    const asked = scope?.split(' ') ?? [...EXTENSION_SCOPES];
    const scopes = EXTENSION_SCOPES.filter((name) => asked.includes(name));
    if (scopes.length !== asked.length) return refuse('invalid_scope');
    return ok({ redirectUri, state, challenge, scopes, keyThumbprint: jkt ?? null });
  }

  /** The person said yes. @returns where their browser goes, with the code */
  async allow(
    request: AuthorizationRequest,
    accountId: string,
    from: { label: string; address: string },
  ): Promise<string> {
    const code = makeSecret('code');
    await insertAuthorizationCode(this.#options.db, {
      hash: hashSecret(code),
      account_id: accountId,
      redirect_uri: request.redirectUri,
      challenge: request.challenge,
      scope: request.scopes.join(' '),
      key_thumbprint: request.keyThumbprint,
      label: from.label,
      address: from.address,
      expires_at_ms: this.#options.clock() + CODE_MS,
      used_at_ms: null,
      family_id: null,
    });
    return this.#answer(request.redirectUri, request.state, { code });
  }

  deny(request: AuthorizationRequest): string {
    return this.#answer(request.redirectUri, request.state, { error: 'access_denied' });
  }

  /**
   * Exchanges a code. A second use ends what the first one brought (RFC 6749 section 4.1.2).
   * @returns a sentence that says what is wrong
   */
  exchange(asked: {
    code: string;
    redirectUri: string;
    verifier: string;
    keyThumbprint: string | undefined;
  }): Promise<Result<TokenSet, string>> {
    const { db, clock, issuer } = this.#options;
    const hash = hashSecret(asked.code);
    // Failures are returned, not thrown: the transaction must commit the end of a family.
    return db.transaction().execute(async (trx) => {
      const row = await findAuthorizationCode(trx, hash);
      if (!row) return failure('The code is not known.');
      if (!(await markAuthorizationCodeUsed(trx, hash, clock()))) {
        if (row.family_id !== null) {
          await deleteFamily(trx, row.family_id);
          await intendCutOfGrant(trx, row.family_id, clock());
        }
        return failure('The code was used before, so the sign-in that it brought was ended.');
      }
      if (row.expires_at_ms <= clock()) return failure('The code has expired.');
      if (row.redirect_uri !== asked.redirectUri) return failure('redirect_uri is another one.');
      if (row.challenge !== challengeOf(asked.verifier)) return failure('code_verifier is wrong.');
      if (row.key_thumbprint !== null && row.key_thumbprint !== asked.keyThumbprint) {
        return failure('The proof is of another key than dpop_jkt named.');
      }
      const { tokens, familyId } = await issuer.startFamily(trx, row.account_id, {
        scope: row.scope,
        client: 'browser',
        label: row.label,
        address: row.address,
        keyThumbprint: asked.keyThumbprint,
      });
      await setFamilyOfCode(trx, hash, familyId);
      const { account_id: accountId, address } = row;
      await recordAudit(trx, clock(), {
        event: 'signed-in',
        accountId,
        kind: 'extension',
        address,
      });
      return ok(tokens);
    });
  }

  #answer(redirectUri: string, state: string, members: Record<string, string>): string {
    const url = new URL(redirectUri);
    url.search = new URLSearchParams({
      ...members,
      ...(state ? { state } : {}),
      iss: this.#options.publicUrl,
    }).toString();
    return url.href;
  }
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
