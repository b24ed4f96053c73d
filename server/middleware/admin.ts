import type { MiddlewareHandler } from 'hono';
import { adminRefusal, type AdminRefusal } from '../identity/admin-access.ts';
import { personOf } from '../pages/guard.ts';
import { ApiError } from '../problem.ts';
import type { Services } from '../services.ts';
import type { AppEnvironment } from './environment.ts';

const SENTENCES: Record<AdminRefusal, string> = {
  'not-admin': 'Only admins of this server can do this.',
  'factor-needed': 'This needs a sign-in with a passkey or an authenticator app.',
  'not-recent': 'This needs a sign-in from the last 10 minutes. Sign in again.',
};

/** Lets admins pass who just proved who they are, and leaves their account in the context. */
export function requireAdmin(services: Services): MiddlewareHandler<AppEnvironment> {
  return async function requireAdminMiddleware(c, next) {
    const person = await personOf(c, services);
    if (!person) {
      throw new ApiError(
        'unauthorized',
        'This needs the cookie of an admin. Sign in at /sign-in.',
        {
          headers: { 'WWW-Authenticate': 'Cookie' },
        },
      );
    }
    const refusal = adminRefusal(person);
    if (refusal !== undefined) {
      throw new ApiError('forbidden', SENTENCES[refusal], { members: { reason: refusal } });
    }
    c.set('admin', person.account);
    await next();
  };
}
