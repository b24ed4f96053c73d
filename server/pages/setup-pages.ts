import type { Context, Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import { z } from 'zod';
import { hasAdmin } from '../database/sign-in.ts';
import { INVITATION_COOKIE, type InvitationFailure } from '../identity/invitations.ts';
import { HashingBusy, LONGEST_PASSWORD, SHORTEST_PASSWORD } from '../identity/passwords.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import type { Services } from '../services.ts';
import { browserOf, pageApp, readForm, requirePerson, sameOrigin, setCookies } from './guard.ts';
import { field, narrow, page, type Html } from './page.ts';
import { tooBusy } from './sign-in-pages.ts';

type PageContext = Context<AppEnvironment>;
type Kind = 'setup' | 'invitation';

interface View {
  token?: string | undefined;
  email?: string | undefined;
  errors?: { token?: string; email?: string; password?: string };
  status?: 400;
}

/** The first admin, invited people, and where both land. */
export function setupPages(services: Services): Hono<AppEnvironment> {
  const app = pageApp(services);
  const ours = sameOrigin(services);
  app.get('/setup', (c) => setupPage(c, services, {}));
  app.post('/setup', ours, (c) => accept(c, services, 'setup'));
  app.get('/invitation', (c) => invitationPage(c, services, {}));
  app.post('/invitation', ours, (c) => accept(c, services, 'invitation'));
  app.post('/invitation/oidc', ours, (c) => acceptByOidc(c, services));
  app.get('/welcome', (c) => welcomePage(c, services));
  return app;
}

async function accept(c: PageContext, services: Services, kind: Kind): Promise<Response> {
  const { invitations, signIn, signInLimits } = services;
  const browser = browserOf(c, services);
  const refund = signInLimits.spendNetwork(browser.address);
  const form = await readForm(c);
  const { token = '', password = '' } = form;
  const email = (form.email ?? '').trim();
  const show = (errors: NonNullable<View['errors']>) => {
    const view: View = { token, email, errors, status: 400 };
    return kind === 'setup' ? setupPage(c, services, view) : invitationPage(c, services, view);
  };
  if (!z.email().safeParse(email).success) return show({ email: 'This is not an email address.' });
  if (password.length < SHORTEST_PASSWORD || password.length > LONGEST_PASSWORD) {
    return show({ password: `Between ${SHORTEST_PASSWORD} and ${LONGEST_PASSWORD} characters.` });
  }
  const made = await invitations.accept(token, kind, email, password).catch((error: unknown) => {
    refund();
    throw error instanceof HashingBusy ? tooBusy() : error;
  });
  if (!made.ok) {
    return made.error === 'email-taken'
      ? show({ email: 'There is an account with this address already.' })
      : show({ token: TOKEN_FAILURES[kind][made.error] });
  }
  refund();
  const outcome = await signIn.withPassword(browser, made.value.email, password);
  setCookies(c, outcome.cookies);
  return c.redirect('/welcome', 303);
}

/** Keeps the invitation while the person is at the provider. */
async function acceptByOidc(c: PageContext, services: Services): Promise<Response> {
  const { invitations, signInLimits, publicUrl } = services;
  const refund = signInLimits.spendNetwork(services.clientAddress(c));
  const { token = '' } = await readForm(c);
  const found = await invitations.find(token, 'invitation');
  if (!found.ok) {
    const errors = { token: TOKEN_FAILURES.invitation[found.error] };
    return invitationPage(c, services, { token, errors, status: 400 });
  }
  refund();
  setCookie(c, INVITATION_COOKIE, token, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: publicUrl.startsWith('https:'),
    maxAge: 600,
  });
  // A link, not a redirect: the policy of a form would have to name every address that the provider leads through.
  return page(c, {
    title: 'Continue',
    body: narrow({
      heading: 'One more step',
      text: `${services.signIn.oidc?.config.name ?? 'Your provider'} tells this server who you are.`,
      body: html`<a class="button main big wide" href="/sign-in/oidc?next=/welcome">Continue</a>`,
    }),
  });
}

const TOKEN_FAILURES: Record<Kind, Record<InvitationFailure, string>> = {
  setup: {
    unknown: 'This setup link is not known here. Run hubtab server setup-url for a new one.',
    used: 'This server is set up already. Sign in instead.',
    expired: 'This setup link has expired. Run hubtab server setup-url for a new one.',
  },
  invitation: {
    unknown: 'This invitation is not known here. Ask an admin for a new link.',
    used: 'This invitation was used already. Sign in, or ask an admin for a new link.',
    expired: 'This invitation has expired. Ask an admin for a new link.',
  },
};

async function setupPage(c: PageContext, services: Services, view: View): Promise<Response> {
  if (view.status === undefined && (await hasAdmin(services.db))) {
    return page(c, {
      title: 'Set up',
      body: narrow({
        heading: 'This server is set up',
        text: 'Its first admin has an account. Others are invited.',
        body: html`<a class="button main big wide" href="/sign-in">Sign in</a>`,
      }),
    });
  }
  return page(c, {
    title: 'Set up',
    scripts: ['fragment.js'],
    ...(view.status ? { status: view.status } : {}),
    body: narrow({
      heading: 'Set up this server',
      text: `Make the account of the first admin of ${new URL(services.publicUrl).host}.`,
      body: html`<form method="post" action="/setup">
        ${tokenField('Setup token', 'The part after #t= of the address that the server printed.', view)}
        ${personFields(view)}
        <button class="button main big wide">Make the account</button>
      </form>`,
    }),
  });
}

function invitationPage(c: PageContext, services: Services, view: View): Promise<Response> {
  const oidc = services.signIn.oidc?.config;
  return page(c, {
    title: 'Your invitation',
    scripts: ['fragment.js'],
    ...(view.status ? { status: view.status } : {}),
    body: narrow({
      heading: 'Make your account',
      text: `You were invited to ${new URL(services.publicUrl).host}.`,
      body: html`<form method="post" action="/invitation">
        ${tokenField('Invitation', 'The part after #t= of the link that you were sent.', view)}
        ${
          oidc
            ? html`<button
                  class="button main big wide"
                  formaction="/invitation/oidc"
                  formnovalidate
                >
                  Continue with ${oidc.name}
                </button>
                <div class="or">or</div>`
            : ''
        }
        ${personFields(view)}
        <button class="button ${oidc ? '' : 'main'} big wide">Make the account</button>
      </form>`,
    }),
  });
}

function tokenField(label: string, hint: string, { token, errors }: View): Html {
  return field({
    name: 'token',
    label,
    autocomplete: 'off',
    hint,
    value: token,
    error: errors?.token,
  });
}

function personFields({ email, errors }: View): Html {
  return html`${field({
    name: 'email',
    label: 'Email',
    type: 'email',
    autocomplete: 'username',
    value: email,
    error: errors?.email,
    hasFocus: true,
  })}
  ${field({
    name: 'password',
    label: 'Password',
    type: 'password',
    autocomplete: 'new-password',
    minLength: SHORTEST_PASSWORD,
    hint: `At least ${SHORTEST_PASSWORD} characters. A few words in a row are easy to remember.`,
    error: errors?.password,
  })}`;
}

async function welcomePage(c: PageContext, services: Services): Promise<Response> {
  const { account } = await requirePerson(c, services);
  const isAdmin = account.role === 'admin';
  return page(c, {
    title: 'Welcome',
    body: narrow({
      heading: 'Your account is ready',
      text: `You are signed in as ${account.email}.`,
      badge: 'done',
      isBroad: true,
      body: html`<ol class="steps">
          <li>
            Open the Hubtab extension and enter <code>${services.publicUrl}</code> as its server.
          </li>
          <li>
            Choose <strong>Sign in</strong> there, and allow this browser in the window that opens.
          </li>
          <li>Run the line that it shows on the machine where your agents work.</li>
        </ol>
        <p class="muted">
          ${
            isAdmin
              ? 'The admin pages need a passkey or an authenticator app: add one on your account page.'
              : 'A passkey or an authenticator app protects your account better than a password alone.'
          }
        </p>
        <p><a class="button big" href="/account#factors">Your account</a></p>`,
    }),
  });
}
