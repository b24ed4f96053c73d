import { passkey } from '@better-auth/passkey';
import type { BetterAuthOptions } from 'better-auth';
import { APIError } from 'better-auth/api';
import { genericOAuth, twoFactor } from 'better-auth/plugins';
import { PostgresAdapter } from 'kysely';
import { ulid } from 'ulid';
import { recordAudit } from '../audit/audit.ts';
import { findAccount } from '../database/accounts.ts';
import type { SignInMethod } from '../database/schema.ts';
import { INVITATION_COOKIE } from './invitations.ts';
import type { OidcProvider } from './oidc-provider.ts';
import { hashPassword, LONGEST_PASSWORD, SHORTEST_PASSWORD, verifyPassword } from './passwords.ts';
import type { SignInOptions } from './sign-in.ts';

export const AUTH_PATH = '/api/auth';
/** Ours alone: what a client sends under this name is overwritten with the address of its socket. */
export const CLIENT_ADDRESS_HEADER = 'x-hubtab-client-address';

const COOKIE_PREFIX = 'hubtab';

/** A session ends after this long without a visit, in s. */
const IDLE_S = 12 * 3600;
/** How often a visit prolongs it, in s. */
const PROLONG_S = 10 * 60;

/** What the browser keeps of a sign-in on the pages. */
export function sessionCookie(publicUrl: string): string {
  return `${publicUrl.startsWith('https:') ? '__Secure-' : ''}${COOKIE_PREFIX}.session_token`;
}

/** Everything that better-auth is told. What is not named here is off. */
export function signInOptions(
  options: SignInOptions,
  oidc: OidcProvider | undefined,
): BetterAuthOptions {
  const { db, publicUrl, secrets, log } = options;
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
  return {
    appName: 'Hubtab',
    baseURL: publicUrl,
    basePath: AUTH_PATH,
    secrets: secrets.map((value, index) => ({ version: secrets.length - index, value })),
    trustedOrigins: [publicUrl],
    telemetry: { enabled: false },
    rateLimit: { enabled: false }, // ours counts by socket address and account: sign-in-limits.ts
    logger: {
      log: (level, message) => {
        if (level === 'error') log('error', 'sign-in-library', { error: message });
      },
    },
    // No transactions: one would hold SQLite's only connection, and the hooks below need it.
    database: { db, type: isPostgres ? 'postgres' : 'sqlite', transaction: false },
    user: { modelName: 'auth_users' },
    verification: { modelName: 'auth_verifications' },
    session: {
      modelName: 'auth_sessions',
      expiresIn: IDLE_S,
      updateAge: PROLONG_S,
      freshAge: 10 * 60,
      additionalFields: { method: { type: 'string', required: false, input: false } },
    },
    account: {
      modelName: 'auth_accounts',
      // An address proves nothing here: only the subject of the provider does, and only after it was linked on purpose.
      accountLinking: {
        enabled: true,
        disableImplicitLinking: true,
        allowDifferentEmails: true,
        trustedProviders: oidc ? [oidc.id] : [],
      },
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: SHORTEST_PASSWORD,
      maxPasswordLength: LONGEST_PASSWORD,
      password: {
        hash: hashPassword,
        verify: verifyPassword,
      },
    },
    advanced: {
      cookiePrefix: COOKIE_PREFIX,
      useSecureCookies: publicUrl.startsWith('https:'),
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
      database: { generateId: () => ulid() },
    },
    databaseHooks: hooks(options),
    plugins: [
      twoFactor({ schema: { twoFactor: { modelName: 'auth_two_factors' } } }),
      passkey({
        rpName: 'Hubtab',
        rpID: new URL(publicUrl).hostname,
        origin: publicUrl,
        schema: { passkey: { modelName: 'auth_passkeys' } },
      }),
      ...(oidc ? [genericOAuth({ config: [providerConfig(oidc)] })] : []),
    ],
  };
}

function providerConfig(oidc: OidcProvider) {
  const { clientId, clientSecret, name } = oidc.config;
  return {
    providerId: oidc.id,
    name,
    clientId,
    clientSecret,
    discoveryUrl: oidc.discoveryUrl,
    requireIdTokenVerification: true,
    pkce: true,
    scopes: ['openid', 'email', 'profile'],
    disableImplicitSignUp: !oidc.config.signUp,
  };
}

function hooks({
  db,
  invitations,
  oidc,
  clock,
}: SignInOptions): BetterAuthOptions['databaseHooks'] {
  return {
    user: {
      create: {
        // Reached by way of the OIDC provider only: accounts with a password are made by Invitations itself.
        before: async (user, context) => {
          const token = context?.getCookie(INVITATION_COOKIE) ?? undefined;
          const account = await invitations.admit(user.email, token, oidc?.config.signUp === true);
          if (account) return { data: { ...user, id: account.id, email: account.email } };
          throw new APIError('FORBIDDEN', { code: 'SIGN_UP_CLOSED', message: 'sign-up is closed' });
        },
      },
    },
    session: {
      create: {
        before: async (session, context) => {
          const account = await findAccount(db, session.userId);
          if (account?.status !== 'active') {
            throw new APIError('FORBIDDEN', { code: 'ACCOUNT_DISABLED', message: 'disabled' });
          }
          return { data: { ...session, method: methodOf(context?.path ?? '') } };
        },
        // The pages record the others: a password may be half a sign-in.
        after: async (session, context) => {
          const kind = methodOf(context?.path ?? '');
          if (kind !== 'passkey' && kind !== 'oidc') return;
          const address = context?.headers?.get(CLIENT_ADDRESS_HEADER) ?? undefined;
          const about = { accountId: session.userId, kind, address };
          await recordAudit(db, clock(), { event: 'signed-in', ...about });
        },
      },
    },
    // The provider's own tokens are of no use to us, and worth stealing.
    account: {
      create: { before: (account) => Promise.resolve({ data: { ...account, ...NO_TOKENS } }) },
      update: { before: (account) => Promise.resolve({ data: { ...account, ...NO_TOKENS } }) },
    },
  };
}

const NO_TOKENS = { accessToken: null, refreshToken: null, idToken: null };

function methodOf(path: string): SignInMethod {
  if (path.startsWith('/passkey/')) return 'passkey';
  if (path === '/two-factor/verify-totp') return 'totp';
  if (path === '/two-factor/verify-backup-code') return 'backup-code';
  if (path.startsWith('/callback/')) return 'oidc';
  return 'password';
}
