import type { Context, MiddlewareHandler } from 'hono';
import type { Scope } from '../../protocol/account.ts';
import type { Account, Identity } from '../identity/identity.ts';
import { ApiError } from '../problem.ts';
import type { KeyAsker } from '../units/unit-keys.ts';
import type { AppEnvironment } from './environment.ts';

/** Tokens are about 50 characters; whatever is far longer need not be hashed. */
const MAX_TOKEN_LENGTH = 512;

/** The token of `Authorization: Bearer …`. @throws ApiError unauthorized */
export function bearerToken(c: Context): string {
  const match = /^Bearer +([\w.~+/=-]+) *$/i.exec(c.req.header('authorization') ?? '');
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
    const result = await identity.authenticateAccessToken(bearerToken(c));
    if (!result.ok) throw tokenError(result.error);
    if (!result.value.scopes.includes(scope)) {
      throw new ApiError('forbidden', `This token does not have the scope ${scope}.`, {
        headers: { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
      });
    }
    c.set('principal', result.value);
    await next();
  };
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
