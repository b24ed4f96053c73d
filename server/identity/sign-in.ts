import { betterAuth } from 'better-auth';
import { z } from 'zod';
import { findAccount } from '../database/accounts.ts';
import type { Database } from '../database/database.ts';
import type { SignInMethod } from '../database/schema.ts';
import type { Log } from '../log.ts';
import { toAccount } from './account.ts';
import type { Account } from './identity.ts';
import type { Invitations } from './invitations.ts';
import type { OidcProvider } from './oidc-provider.ts';
import { AUTH_PATH, CLIENT_ADDRESS_HEADER, signInOptions } from './sign-in-options.ts';

/** A session ends after this long whatever is done with it, in ms. */
const SESSION_MS = 7 * 24 * 3600 * 1000;
/** What changes accounts or factors needs a sign-in that is no older, in ms. */
const RECENT_MS = 10 * 60 * 1000;

export interface SignInOptions {
  db: Database;
  /** Base URL of this server as browsers see it. */
  publicUrl: string;
  /** Signs cookies and encrypts authenticator secrets; the first is the one in use, the others are still read. */
  secrets: readonly string[];
  invitations: Invitations;
  oidc: OidcProvider | undefined;
  clock: () => number;
  log: Log;
}

/** Who looks at a page. */
export interface Person {
  account: Account;
  sessionToken: string;
  method: SignInMethod;
  signedInAtMs: number;
  /** Signed in within the last ten minutes. */
  isRecent: boolean;
}

/** What a browser sent that matters for signing in. */
export interface BrowserRequest {
  cookie: string | undefined;
  userAgent: string | undefined;
  address: string;
}

type Refusal =
  | 'wrong'
  | 'disabled'
  | 'busy'
  | 'too-many-codes'
  | 'start-over'
  | 'closed'
  | 'weak-password'
  | 'not-recent'
  | 'failed';

/** What a step of a sign-in led to; `cookies` are Set-Cookie lines for the browser. */
export type Outcome<T = unknown> =
  | { ok: true; value: T; cookies: string[] }
  | { ok: false; why: Refusal; cookies: string[] };

type Handler = (request: Request) => Promise<Response>;

const Session = z.object({
  session: z.object({
    token: z.string(),
    userId: z.string(),
    createdAt: z.coerce.date(),
    method: z.enum(['password', 'totp', 'backup-code', 'passkey', 'oidc']),
  }),
});
const SignedIn = z.object({ twoFactorRedirect: z.boolean().optional() });
const Verified = z.object({ user: z.object({ id: z.string() }) });
const Totp = z.object({ totpURI: z.string(), backupCodes: z.array(z.string()) });
const Redirect = z.object({ url: z.url() });

/**
 * How people prove who they are in a browser: password, authenticator app, passkey, their organisation's OIDC provider.
 * better-auth does the work; nobody else knows it. Tokens of extensions and hubs are not its business.
 */
export class SignIn {
  readonly oidc: OidcProvider | undefined;
  readonly #options: SignInOptions;
  readonly #handler: Handler;
  /** Made when the provider answers: better-auth asks it once, at its start, and would do without it for ever. */
  #oidcHandler: Handler | undefined;

  constructor(options: SignInOptions) {
    this.oidc = options.oidc;
    this.#options = options;
    this.#handler = betterAuth(signInOptions(options, undefined)).handler;
  }

  /** Who looks, if their session is good; `cookies` prolong it. */
  async person(browser: BrowserRequest): Promise<{ person?: Person; cookies: string[] }> {
    const { db, clock } = this.#options;
    if (!browser.cookie) return { cookies: [] };
    const answer = await this.#call(browser, 'GET', '/get-session');
    const cookies = answer.headers.getSetCookie();
    const parsed = Session.safeParse(await answer.json().catch(() => null));
    if (!parsed.success) return { cookies };
    const { token, userId, createdAt, method } = parsed.data.session;
    const ageMs = clock() - createdAt.getTime();
    const row = await findAccount(db, userId);
    if (!row || row.status !== 'active' || ageMs > SESSION_MS) return { cookies: [] };
    const person: Person = {
      account: toAccount(row),
      sessionToken: token,
      method,
      signedInAtMs: createdAt.getTime(),
      isRecent: ageMs <= RECENT_MS,
    };
    return { person, cookies };
  }

  /** `second-factor`: the password was right, and a code is asked for next. */
  async withPassword(
    browser: BrowserRequest,
    email: string,
    password: string,
  ): Promise<Outcome<'signed-in' | 'second-factor'>> {
    const fresh = { ...browser, cookie: undefined };
    const body = { email, password };
    const outcome = await this.#ask(fresh, SignedIn, 'POST', '/sign-in/email', body);
    if (!outcome.ok) return outcome;
    return { ...outcome, value: outcome.value.twoFactorRedirect ? 'second-factor' : 'signed-in' };
  }

  /** @returns the id of the account that is signed in */
  async withCode(
    browser: BrowserRequest,
    kind: 'totp' | 'backup-code',
    code: string,
  ): Promise<Outcome<string>> {
    // Without the session cookie: a code answers a password that was just given, or it would only confirm the old session.
    const pending = { ...browser, cookie: withoutSession(browser.cookie) };
    const outcome = await this.#ask(pending, Verified, 'POST', `/two-factor/verify-${kind}`, {
      code,
    });
    return outcome.ok ? { ...outcome, value: outcome.value.user.id } : outcome;
  }

  /** Where the OIDC provider signs the person in. `closed` if it cannot be reached. */
  startOidc(browser: BrowserRequest, nextPath: string, isNew: boolean): Promise<Outcome<string>> {
    return this.#startOidc(browser, '/sign-in/social', {
      callbackURL: nextPath,
      errorCallbackURL: '/sign-in',
      requestSignUp: isNew,
    });
  }

  /** Where the OIDC provider confirms an identity that will sign in to this account too. */
  linkOidc(browser: BrowserRequest): Promise<Outcome<string>> {
    return this.#startOidc(browser, '/link-social', {
      callbackURL: '/account',
      errorCallbackURL: '/account',
    });
  }

  signOut(browser: BrowserRequest): Promise<Outcome> {
    return this.#ask(browser, z.unknown(), 'POST', '/sign-out', {});
  }

  /** Needs the present password; every other session of the account ends. */
  changePassword(browser: BrowserRequest, present: string, next: string): Promise<Outcome> {
    return this.#ask(browser, z.unknown(), 'POST', '/change-password', {
      currentPassword: present,
      newPassword: next,
      revokeOtherSessions: true,
    });
  }

  /** The secret for an authenticator app, and backup codes. Counts for nothing until confirmTotp. */
  startTotp(browser: BrowserRequest, password: string): Promise<Outcome<z.infer<typeof Totp>>> {
    return this.#ask(browser, Totp, 'POST', '/two-factor/enable', { password });
  }

  confirmTotp(browser: BrowserRequest, code: string): Promise<Outcome> {
    return this.#ask(browser, z.unknown(), 'POST', '/two-factor/verify-totp', { code });
  }

  removeTotp(browser: BrowserRequest, password: string): Promise<Outcome> {
    return this.#ask(browser, z.unknown(), 'POST', '/two-factor/disable', { password });
  }

  removePasskey(browser: BrowserRequest, id: string): Promise<Outcome> {
    return this.#ask(browser, z.unknown(), 'POST', '/passkey/delete-passkey', { id });
  }

  /** Passes a request of the browser itself on: the passkey ceremonies, and the way back from the OIDC provider. */
  async handle(request: Request, address: string): Promise<Response> {
    const headers = new Headers(request.headers);
    headers.set(CLIENT_ADDRESS_HEADER, address);
    const { pathname, search } = new URL(request.url);
    // By our own name, whatever the proxy in front called us.
    const url = new URL(`${pathname}${search}`, this.#options.publicUrl);
    const body = request.method === 'POST' ? await request.text() : null;
    const handler = pathname.includes('/callback/') ? await this.#withOidc() : this.#handler;
    if (!handler) return new Response(null, { status: 404 });
    return handler(new Request(url, { method: request.method, headers, body }));
  }

  async #withOidc(): Promise<Handler | undefined> {
    if (!this.#oidcHandler && (await this.oidc?.answers())) {
      this.#oidcHandler = betterAuth(signInOptions(this.#options, this.oidc)).handler;
    }
    return this.#oidcHandler;
  }

  async #startOidc(browser: BrowserRequest, path: string, body: object): Promise<Outcome<string>> {
    const handler = await this.#withOidc();
    if (!handler || !this.oidc) return { ok: false, why: 'failed', cookies: [] };
    const asked = { provider: this.oidc.id, disableRedirect: true, ...body };
    const outcome = await this.#ask(browser, Redirect, 'POST', path, asked, handler);
    if (outcome.ok) return { ...outcome, value: outcome.value.url };
    this.#oidcHandler = undefined; // It may have lost its provider at its start.
    return outcome;
  }

  async #ask<T>(
    browser: BrowserRequest,
    schema: z.ZodType<T>,
    method: string,
    path: string,
    body?: object,
    handler = this.#handler,
  ): Promise<Outcome<T>> {
    const answer = await this.#call(browser, method, path, body, handler);
    const cookies = answer.headers.getSetCookie();
    const content: unknown = await answer.json().catch(() => null);
    if (!answer.ok) return { ok: false, why: refusalOf(answer.status, content), cookies };
    const parsed = schema.safeParse(content);
    if (parsed.success) return { ok: true, value: parsed.data, cookies };
    throw new Error(`sign-in: ${path} answered in a form that is not known`);
  }

  #call(
    browser: BrowserRequest,
    method: string,
    path: string,
    body?: object,
    handler = this.#handler,
  ): Promise<Response> {
    const { publicUrl } = this.#options;
    const headers = new Headers({ origin: publicUrl, [CLIENT_ADDRESS_HEADER]: browser.address });
    if (browser.cookie) headers.set('cookie', browser.cookie);
    if (browser.userAgent) headers.set('user-agent', browser.userAgent);
    if (body) headers.set('content-type', 'application/json');
    const url = `${publicUrl}${AUTH_PATH}${path}`;
    return handler(
      new Request(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) }),
    );
  }
}

const REFUSALS: Record<string, Refusal> = {
  INVALID_EMAIL: 'wrong',
  INVALID_EMAIL_OR_PASSWORD: 'wrong',
  INVALID_PASSWORD: 'wrong',
  INVALID_CODE: 'wrong',
  INVALID_BACKUP_CODE: 'wrong',
  ACCOUNT_DISABLED: 'disabled',
  BUSY: 'busy',
  SIGN_UP_CLOSED: 'closed',
  PASSWORD_TOO_SHORT: 'weak-password',
  PASSWORD_TOO_LONG: 'weak-password',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'too-many-codes',
  ACCOUNT_TEMPORARILY_LOCKED: 'too-many-codes',
  INVALID_TWO_FACTOR_COOKIE: 'start-over',
  SESSION_NOT_FRESH: 'not-recent',
};

function refusalOf(status: number, content: unknown): Refusal {
  const code = z.object({ code: z.string() }).safeParse(content);
  const known = code.success ? REFUSALS[code.data.code] : undefined;
  if (known) return known;
  if (status >= 500) throw new Error(`sign-in: status ${status}`);
  return 'failed';
}

/** The browser's cookies but the session's. */
function withoutSession(cookie: string | undefined): string | undefined {
  return cookie
    ?.split(/; */)
    .filter((pair) => !/\.session_token=/.test(pair))
    .join('; ');
}
