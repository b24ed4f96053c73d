import type { Context, MiddlewareHandler } from 'hono';
import type { Scope } from '../../protocol/account.ts';
import type { Account, Identity, Principal } from '../identity/identity.ts';
import { ApiError } from '../problem.ts';
import type { KeyAsker } from '../units/unit-keys.ts';
import type { AppEnvironment } from './environment.ts';

/** Tokens are about 50 characters; whatever is far longer need not be hashed. */
const MAX_TOKEN_LENGTH = 512;

/** The token of `Authorization: Bearer …` or `DPoP …`. @throws ApiError unauthorized */
export function bearerToken(c: Context): string {
  const match = /^(?:Bearer|DPoP) +([\w.~+/=-]+) *$/i.exec(c.req.header('authorization') ?? '');
  const token = match?.[1];
  if (token !== undefined && token.length <= MAX_TOKEN_LENGTH) return token;
  throw new ApiError(
    'unauthorized',
    'This needs an access token in the Authorization header. Sign in first.',
    { headers: { 'WWW-Authenticate': 'Bearer' } },
  );
}

/** Lets a request pass whose access token has the scope, and leaves its principal in the context. */
export function requireScope(identity: Identity, scope: Scope): MiddlewareHandler<AppEnvironment> {
  return async function requireScopeMiddleware(c, next) {
    const token = bearerToken(c);
    const result = await identity.authenticateAccessToken(token);
    if (!result.ok) throw tokenError(result.error);
    await requireProof(c, identity, result.value, token);
    if (!result.value.scopes.includes(scope)) {
      throw new ApiError('forbidden', `This token does not have the scope ${scope}.`, {
        headers: { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
      });
    }
    c.set('principal', result.value);
    await next();
  };
}

/** A token that was made for a key is worth nothing without it (RFC 9449 section 7). */
async function requireProof(
  c: Context,
  identity: Identity,
  principal: Principal,
  accessToken: string,
): Promise<void> {
  const key = principal.kind === 'account' ? principal.keyThumbprint : null;
  const isDpop = /^DPoP /i.test(c.req.header('authorization') ?? '');
  if (key === null) {
    if (isDpop) throw proofError('this token is a plain bearer token');
    return;
  }
  const thumbprint = await readProof(c, identity, accessToken);
  if (!isDpop || thumbprint !== key) throw proofError('this token needs a proof with its own key');
}

/**
 * The thumbprint of the key that signed the request's `DPoP` header; undefined if it has none.
 * @throws ApiError unauthorized with `error: invalid_dpop_proof`
 */
export async function readProof(
  c: Context,
  identity: Identity,
  accessToken?: string,
): Promise<string | undefined> {
  const proof = c.req.header('dpop');
  if (proof === undefined) return undefined;
  const result = await identity.verifyProof({
    proof,
    method: c.req.method,
    path: c.req.path,
    ...(accessToken === undefined ? {} : { accessToken }),
  });
  if (result.ok) return result.value;
  throw proofError(result.error);
}

function proofError(why: string): ApiError {
  const detail = `The DPoP proof is not valid: ${why}.`;
  return new ApiError('unauthorized', detail, {
    headers: { 'WWW-Authenticate': 'DPoP error="invalid_dpop_proof", algs="ES256"' },
    members: { error: 'invalid_dpop_proof', error_description: detail },
  });
}

/** The account behind the token. @throws ApiError forbidden for a hub's token */
export function accountOf(c: Context<AppEnvironment>): Account {
  const principal = c.get('principal');
  if (principal.kind === 'account') return principal.account;
  throw new ApiError('forbidden', 'A hub cannot do this; it needs the token of an account.');
}

/** On whose behalf a key is asked for. @throws ApiError forbidden for a hub's token */
export function keyAskerOf(c: Context<AppEnvironment>): Omit<KeyAsker, 'instance'> {
  const account = accountOf(c);
  const principal = c.get('principal');
  const grantId = principal.kind === 'account' ? principal.grantId : null;
  return { accountId: account.id, grantId, receivedAtMs: c.get('receivedAtMs') };
}

/** The hub behind the token. @throws ApiError forbidden for an account's token */
export function hubIdOf(c: Context<AppEnvironment>): string {
  const principal = c.get('principal');
  if (principal.kind === 'hub') return principal.hubId;
  throw new ApiError('forbidden', 'Only a hub can do this; it needs the token of a hub.');
}

function tokenError(why: 'unknown' | 'expired'): ApiError {
  const headers = { 'WWW-Authenticate': 'Bearer error="invalid_token"' };
  return why === 'expired'
    ? new ApiError('token-expired', 'The access token has expired. Refresh it.', { headers })
    : new ApiError('unauthorized', 'The access token is not valid. Sign in again.', { headers });
}
