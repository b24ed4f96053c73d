import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { html } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { readFactors } from '../database/sign-in.ts';
import { isHeadscaleError } from '../headscale/errors.ts';
import { adminRefusal } from '../identity/admin-access.ts';
import type { BrowserRequest, Person } from '../identity/sign-in.ts';
import { errorText } from '../log.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { ApiError } from '../problem.ts';
import type { Services } from '../services.ts';
import { headscaleUnavailable } from '../units/unit-keys.ts';
import { narrow, page } from './page.ts';

type PageContext = Context<AppEnvironment>;

/** An app for pages: failures are pages too, and forms are taken from our own pages only. */
export function pageApp(services: Services): Hono<AppEnvironment> {
  const app = new Hono<AppEnvironment>();
  app.onError((error, c) => failurePage(c, error, services));
  return app;
}

/** Refuses forms of other sites (CSRF). Put it on each route that changes something. */
export function sameOrigin({ publicUrl }: Services): MiddlewareHandler<AppEnvironment> {
  return async function sameOriginMiddleware(c, next) {
    const origin = c.req.header('origin');
    const isOurs =
      origin === undefined
        ? c.req.header('sec-fetch-site') === 'same-origin'
        : origin === publicUrl;
    if (isOurs) return next();
    throw new ApiError(
      'forbidden',
      `This form was not sent from a page of ${publicUrl}. Open the server at that address and try again.`,
    );
  };
}

/** What the browser sent that signing in needs. */
export function browserOf(c: PageContext, { clientAddress }: Services): BrowserRequest {
  return {
    cookie: c.req.header('cookie'),
    userAgent: c.req.header('user-agent'),
    address: clientAddress(c),
  };
}

export function setCookies(c: PageContext, lines: readonly string[]): void {
  for (const line of lines) c.header('Set-Cookie', line, { append: true });
}

/** Who looks, if somebody is signed in. */
export async function personOf(c: PageContext, services: Services): Promise<Person | undefined> {
  const { person, cookies } = await services.signIn.person(browserOf(c, services));
  setCookies(c, cookies);
  return person;
}

/** Thrown to send the visitor elsewhere first. */
class GoTo extends Error {
  readonly path: string;
  constructor(path: string) {
    super(`go to ${path}`);
    this.path = path;
  }
}

/** Who looks. @throws GoTo the sign-in page, which leads back */
export async function requirePerson(c: PageContext, services: Services): Promise<Person> {
  const person = await personOf(c, services);
  if (person) return person;
  throw new GoTo(signInPath(here(c)));
}

/** Who looks, signed in within the last ten minutes. @throws GoTo the sign-in page, which leads back */
export async function requireRecent(
  c: PageContext,
  services: Services,
  back = here(c),
): Promise<Person> {
  const person = await requirePerson(c, services);
  if (person.isRecent) return person;
  throw new GoTo(signInPath(back, 'confirm'));
}

/**
 * Who looks, if they may administer the server.
 * @throws GoTo what is missing: a factor, or a newer proof of it; ApiError forbidden for members
 */
export async function requireAdminPerson(c: PageContext, services: Services): Promise<Person> {
  const person = await requirePerson(c, services);
  switch (adminRefusal(person)) {
    case undefined:
      return person;
    case 'not-admin':
      throw new ApiError('forbidden', 'Only admins of this server can open this page.');
    case 'factor-needed': {
      const { passkeys, hasTotp } = await readFactors(services.db, person.account.id);
      const hasFactor = passkeys.length > 0 || hasTotp;
      throw new GoTo(hasFactor ? signInPath(here(c), 'factor') : '/account?need=factor');
    }
    case 'not-recent':
      throw new GoTo(signInPath(here(c), 'confirm'));
  }
}

export function signInPath(next: string, why?: 'confirm' | 'factor'): string {
  const query = new URLSearchParams({ next, ...(why ? { why } : {}) });
  return `/sign-in?${query.toString()}`;
}

const PLACES = /^\/(account|admin|device|oauth2\/authorize|welcome)(?![\w-])/;

/** Where to go after signing in: one of our own pages, whatever a link says. */
export function safeNext(asked: string | undefined): string {
  const url = URL.parse(asked ?? '', 'http://localhost');
  const path = url ? `${url.pathname}${url.search}` : '';
  return url?.host === 'localhost' && PLACES.test(path) ? path : '/account';
}

function here(c: PageContext): string {
  if (c.req.method !== 'GET') return safeNext(URL.parse(c.req.header('referer') ?? '')?.pathname);
  const url = new URL(c.req.url);
  return `${url.pathname}${url.search}`;
}

/** The fields of a form, as text. */
export async function readForm(c: PageContext): Promise<Record<string, string>> {
  const body = await c.req.parseBody();
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function failurePage(
  c: PageContext,
  error: Error,
  { log }: Services,
): Response | Promise<Response> {
  if (error instanceof GoTo) return c.redirect(error.path, 303);
  const requestId = c.get('requestId');
  const known = isHeadscaleError(error) ? headscaleUnavailable(undefined, error) : error;
  if (!(known instanceof ApiError)) {
    log('error', 'page-failed', { requestId, error: errorText(error) });
    return wentWrong(c, {
      status: 500,
      text: `Something went wrong on the server. Tell its admin this request id: ${requestId}.`,
    });
  }
  for (const [name, value] of Object.entries(known.headers)) c.header(name, value);
  return wentWrong(c, {
    ...(known.code === 'rate-limited' ? { heading: 'Too many tries' } : {}),
    status: known.status,
    text: known.message,
  });
}

function wentWrong(
  c: PageContext,
  {
    heading = 'That did not work',
    status,
    text,
  }: { heading?: string; status: ContentfulStatusCode; text: string },
): Promise<Response> {
  return page(c, {
    title: heading,
    status,
    body: narrow({
      heading,
      text,
      body: html`<a class="button big wide" href="/account">Go to your account</a>`,
    }),
  });
}
