import type { Context, Hono } from 'hono';
import { deleteCookie, getCookie } from 'hono/cookie';
import { html } from 'hono/html';
import { recordAudit } from '../audit/audit.ts';
import { findAccountByEmail } from '../database/accounts.ts';
import { INVITATION_COOKIE } from '../identity/invitations.ts';
import type { Outcome } from '../identity/sign-in.ts';
import { KNOWN_COOKIE } from '../identity/sign-in-limits.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { ApiError } from '../problem.ts';
import type { Services } from '../services.ts';
import {
  browserOf,
  pageApp,
  personOf,
  readForm,
  requireRecent,
  safeNext,
  sameOrigin,
  setCookies,
} from './guard.ts';
import { field, narrow, page, passkeyButton } from './page.ts';

type PageContext = Context<AppEnvironment>;

const REFUSALS = {
  wrong: 'Email and password do not match an account.',
  disabled: 'This account is disabled. Ask an admin of this server to enable it.',
  'start-over': 'The sign-in took too long. Start over.',
  'too-many-codes': 'Too many wrong codes. Start over in 15 minutes.',
  failed: 'Signing in failed. Try again.',
} as const;

/** Sign-in with all its steps, and the end of it. */
export function signInPages(services: Services): Hono<AppEnvironment> {
  const { signIn, signInLimits, publicUrl, db, clock } = services;
  const ours = sameOrigin(services);
  const app = pageApp(services);

  app.get('/sign-in', async (c) => {
    const { why, error, email } = c.req.query();
    const next = safeNext(c.req.query('next'));
    const person = why ? await personOf(c, services) : undefined;
    return signInPage(c, services, {
      next,
      email: person?.account.email ?? email,
      why,
      error: error === undefined ? undefined : oidcSentence(error),
    });
  });

  app.post('/sign-in', ours, async (c) => {
    const form = await readForm(c);
    const email = (form.email ?? '').trim();
    const next = safeNext(form.next);
    const browser = browserOf(c, services);
    const refund = signInLimits.spend(browser.address, email, getCookie(c, KNOWN_COOKIE));
    const outcome = await signIn.withPassword(browser, email, form.password ?? '');
    setCookies(c, outcome.cookies);
    if (!outcome.ok) {
      if (outcome.why === 'busy') {
        refund();
        throw tooBusy();
      }
      await recordFailure(services, email, browser.address, 'password');
      const error = sentenceOf(outcome);
      return signInPage(c, services, { next, email, error, status: 401 });
    }
    refund();
    setCookies(c, [signInLimits.knownCookie(email, publicUrl.startsWith('https:'))]);
    if (outcome.value === 'second-factor') {
      return c.redirect(`/sign-in/code?next=${encodeURIComponent(next)}`, 303);
    }
    await recordSignIn(services, email, browser.address, 'password');
    return c.redirect(next, 303);
  });

  app.get('/sign-in/code', (c) =>
    codePage(c, {
      next: safeNext(c.req.query('next')),
      isBackup: c.req.query('kind') === 'backup',
    }),
  );

  app.post('/sign-in/code', ours, async (c) => {
    const form = await readForm(c);
    const next = safeNext(form.next);
    const isBackup = form.kind === 'backup';
    const browser = browserOf(c, services);
    const refund = signInLimits.spendNetwork(browser.address);
    const code = (form.code ?? '').replaceAll(/\s/g, '');
    const outcome = await signIn.withCode(browser, isBackup ? 'backup-code' : 'totp', code);
    setCookies(c, outcome.cookies);
    if (outcome.ok) {
      refund();
      const kind = isBackup ? 'backup-code' : 'totp';
      const about = { accountId: outcome.value, kind, address: browser.address };
      await recordAudit(db, clock(), { event: 'signed-in', ...about });
      return c.redirect(next, 303);
    }
    const isWrong = outcome.why === 'wrong';
    const error = isWrong ? 'This code is not right.' : sentenceOf(outcome);
    if (isWrong) return codePage(c, { next, isBackup, error, status: 401 });
    return signInPage(c, services, { next, error, status: 401 });
  });

  app.get('/sign-in/oidc', async (c) => {
    signInLimits.spendNetwork(services.clientAddress(c));
    const isInvited = getCookie(c, INVITATION_COOKIE) !== undefined;
    const isNew = isInvited || signIn.oidc?.config.signUp === true;
    const next = safeNext(c.req.query('next'));
    const outcome = await signIn.startOidc(browserOf(c, services), next, isNew);
    setCookies(c, outcome.cookies);
    if (outcome.ok) return c.redirect(outcome.value, 303);
    const error = `${signIn.oidc?.config.name ?? 'The provider'} does not answer. Try again later.`;
    return signInPage(c, services, { next, error, status: 503 });
  });

  app.post('/sign-out', ours, async (c) => {
    const person = await personOf(c, services);
    const outcome = await signIn.signOut(browserOf(c, services));
    setCookies(c, outcome.cookies);
    const accountId = person?.account.id;
    if (accountId) await recordAudit(db, clock(), { event: 'signed-out', accountId });
    return c.redirect('/sign-in', 303);
  });

  app.get('/account/oidc', async (c) => {
    // A link of another site must not start this: it would end in an identity that is not the person's own.
    if (c.req.header('sec-fetch-site') === 'cross-site') return c.redirect('/account', 303);
    await requireRecent(c, services, '/account');
    const outcome = await signIn.linkOidc(browserOf(c, services));
    setCookies(c, outcome.cookies);
    return c.redirect(outcome.ok ? outcome.value : '/account', 303);
  });

  // The only doors of better-auth that a browser reaches itself.
  for (const path of ['generate-authenticate-options', 'generate-register-options']) {
    app.get(`/api/auth/passkey/${path}`, (c) => passOn(c, services));
  }
  for (const path of ['verify-authentication', 'verify-registration']) {
    app.post(`/api/auth/passkey/${path}`, ours, (c) => passOn(c, services));
  }
  app.get('/api/auth/callback/:provider', async (c) => {
    const answer = await passOn(c, services);
    deleteCookie(c, INVITATION_COOKIE, { path: '/' });
    return answer;
  });
  return app;
}

async function passOn(c: PageContext, services: Services): Promise<Response> {
  const address = services.clientAddress(c);
  const refund = services.signInLimits.spendNetwork(address);
  const answer = await services.signIn.handle(c.req.raw, address);
  if (answer.status < 400) refund();
  // The body is read once more, so that its headers can be changed on the way out.
  return new Response(answer.body, { status: answer.status, headers: answer.headers });
}

interface SignInView {
  next: string;
  email?: string | undefined;
  error?: string | undefined;
  why?: string | undefined;
  status?: 401 | 503;
}

function signInPage(c: PageContext, services: Services, view: SignInView): Promise<Response> {
  const { signIn, publicUrl } = services;
  const host = new URL(publicUrl).host;
  const { next, error } = view;
  const why = {
    confirm: 'Confirm that it is you: this needs a sign-in from the last 10 minutes.',
    factor: 'This page needs your passkey or the code of your authenticator app.',
  }[view.why ?? ''];
  const oidc = signIn.oidc?.config;
  const nextQuery = encodeURIComponent(next);
  return page(c, {
    title: 'Sign in',
    scripts: ['passkey.js'],
    ...(view.status ? { status: view.status } : {}),
    body: narrow({
      heading: view.why ? 'Confirm it is you' : 'Sign in',
      text: why ?? host,
      body: html`
        ${passkeyButton({
          publicUrl,
          ceremony: 'use',
          next,
          label: 'Use a passkey',
          isMain: error === undefined,
        })}
        ${
          oidc
            ? html`<a class="button big wide" href="/sign-in/oidc?next=${nextQuery}"
                >Continue with ${oidc.name}</a
              >`
            : ''
        }
        <div class="or" ${oidc ? '' : 'data-with-passkey hidden'}>or</div>
        <form method="post" action="/sign-in">
          <input type="hidden" name="next" value="${next}" />
          ${field({
            name: 'email',
            label: 'Email',
            type: 'email',
            autocomplete: 'username webauthn',
            value: view.email,
            hasFocus: !view.email,
          })}
          ${field({
            name: 'password',
            label: 'Password',
            type: 'password',
            autocomplete: 'current-password',
            error,
            hasFocus: Boolean(view.email),
          })}
          <button class="button big wide ${error === undefined ? '' : 'main'}">Sign in</button>
        </form>
        <p class="hint">Accounts are made by the admin of this server.</p>
      `,
    }),
  });
}

interface CodeView {
  next: string;
  isBackup: boolean;
  error?: string;
  status?: 401;
}

function codePage(c: PageContext, view: CodeView): Promise<Response> {
  const { next, isBackup } = view;
  const query = `next=${encodeURIComponent(next)}`;
  return page(c, {
    title: 'Enter the code',
    ...(view.status ? { status: view.status } : {}),
    body: narrow({
      heading: isBackup ? 'Enter a backup code' : 'Enter the code',
      text: isBackup
        ? 'One of the codes that you were shown with the authenticator app. Each works once.'
        : 'The six digits that your authenticator app shows.',
      body: html`
        <form method="post" action="/sign-in/code">
          <input type="hidden" name="next" value="${next}" />
          <input type="hidden" name="kind" value="${isBackup ? 'backup' : 'totp'}" />
          ${field({
            name: 'code',
            label: isBackup ? 'Backup code' : 'Six-digit code',
            autocomplete: isBackup ? 'off' : 'one-time-code',
            look: 'code',
            inputmode: isBackup ? 'text' : 'numeric',
            hasFocus: true,
            error: view.error,
          })}
          <button class="button main big wide">Continue</button>
        </form>
        <p class="between">
          ${
            isBackup
              ? html`<a href="/sign-in/code?${query}">Use the authenticator app</a>`
              : html`<a href="/sign-in/code?kind=backup&amp;${query}">Use a backup code</a>`
          }
          <a href="/sign-in?${query}">Start over</a>
        </p>
      `,
    }),
  });
}

function sentenceOf(outcome: Extract<Outcome, { ok: false }>): string {
  return outcome.why in REFUSALS ? REFUSALS[outcome.why as keyof typeof REFUSALS] : REFUSALS.failed;
}

/** What the provider's way back says in its `error`. */
function oidcSentence(error: string): string {
  if (/not.linked/.test(error)) {
    return 'This identity is not linked to an account. Sign in with your password, then link it on your account page.';
  }
  if (/sign.?up/i.test(error)) return 'You have no account here. Ask an admin for an invitation.';
  if (error === 'access_denied') return 'The sign-in was cancelled.';
  return REFUSALS.failed;
}

export function tooBusy(): ApiError {
  return new ApiError('rate-limited', 'Many people sign in at this moment. Try again in 2 s.', {
    headers: { 'Retry-After': '2' },
  });
}

async function recordSignIn(
  { db, clock }: Services,
  email: string,
  address: string,
  kind: string,
): Promise<void> {
  const account = await findAccountByEmail(db, email.toLowerCase());
  await recordAudit(db, clock(), { event: 'signed-in', accountId: account?.id, kind, address });
}

/** For known accounts only: addresses that somebody made up would fill the log. */
async function recordFailure(
  { db, clock }: Services,
  email: string,
  address: string,
  kind: string,
): Promise<void> {
  const account = await findAccountByEmail(db, email.toLowerCase());
  if (!account) return;
  const accountId = account.id;
  await recordAudit(db, clock(), { event: 'sign-in-failed', accountId, kind, address });
}
