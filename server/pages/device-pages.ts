import { networkOf } from '../middleware/client-address.ts';
import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import { HUB_CLIENT_ID } from '../../protocol/oauth.ts';
import type { DeviceCodeRow } from '../database/grants.ts';
import type { Person } from '../identity/sign-in.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { RateLimiter } from '../middleware/rate-limiter.ts';
import { normalizePairingCode } from '../secrets.ts';
import type { Services } from '../services.ts';
import { pageApp, readForm, requirePerson, sameOrigin } from './guard.ts';
import { field, icon, narrow, page } from './page.ts';

type PageContext = Context<AppEnvironment>;

/** Wrong codes of one account: room for typing errors. The codes have 40 bits and live 10 minutes. */
const GUESSES = { burst: 5, refillMs: 60_000 };

/** `/device`: a person approves the hub or the browser that shows a code (RFC 8628). */
export function devicePages(services: Services): Hono<AppEnvironment> {
  const { deviceGrants, clock } = services;
  const guesses = new RateLimiter(GUESSES, clock);
  const app = pageApp(services);
  const ours = sameOrigin(services);

  // A code in the address is only typed for the person; looking it up takes their click.
  app.get('/device', async (c) =>
    codePage(c, await requirePerson(c, services), c.req.query('code')),
  );

  app.post('/device', ours, async (c) => {
    const person = await requirePerson(c, services);
    const { code = '' } = await readForm(c);
    guesses.spend(person.account.id);
    const row = await deviceGrants.find(code);
    if (!row) return codePage(c, person, code, UNKNOWN);
    guesses.refund(person.account.id);
    return decidePage(c, services, person, row, code);
  });

  app.post('/device/decide', ours, async (c) => {
    const person = await requirePerson(c, services);
    const { code = '', answer } = await readForm(c);
    guesses.spend(person.account.id);
    const row = await deviceGrants.find(code);
    const isApproved = answer === 'approve';
    if (!row || !(await deviceGrants.decide(row, person.account.id, isApproved))) {
      return codePage(c, person, code, UNKNOWN);
    }
    guesses.refund(person.account.id);
    return isApproved ? approvedPage(c, row) : deniedPage(c);
  });
  return app;
}

const UNKNOWN =
  'Nothing waits with this code. Codes expire after 10 minutes; start again for a new one.';

function codePage(
  c: PageContext,
  { account }: Person,
  code: string | undefined,
  error?: string,
): Promise<Response> {
  return page(c, {
    title: 'Approve a hub or a browser',
    ...(error === undefined ? {} : { status: 400 }),
    body: narrow({
      heading: 'Approve a hub or a browser',
      text: html`Type the code that <code>hubtab hub join</code> or the extension shows.`,
      body: html`<form method="post" action="/device">
          ${field({
            name: 'code',
            label: 'Code, eight characters',
            autocomplete: 'off',
            look: 'code letters',
            value: code,
            hasFocus: true,
            error,
          })}
          <button class="button main big wide">Continue</button>
        </form>
        <p class="hint">Signed in as ${account.email}</p>`,
    }),
  });
}

function decidePage(
  c: PageContext,
  services: Services,
  { account }: Person,
  row: DeviceCodeRow,
  typed: string,
): Promise<Response> {
  const isHub = row.client === HUB_CLIENT_ID;
  const isNear = networkOf(row.address) === networkOf(services.clientAddress(c));
  const code = normalizePairingCode(typed);
  const minutes = Math.max(1, Math.ceil((row.expires_at_ms - services.clock()) / 60_000));
  // Buttons of type submit, but no field: Enter approves nothing.
  return page(c, {
    title: isHub ? `Add ${row.label}?` : 'Allow a browser?',
    body: narrow({
      heading: isHub ? `Add ${row.label}?` : `Allow ${row.label}?`,
      ...(isNear ? { text: 'Approve only a code that you see on your own machine.' } : {}),
      body: html`
        ${
          isNear
            ? ''
            : html`<div class="warn" role="note">
                ${icon('triangle-alert')}
                <span>
                  This was asked from ${row.address}, not from your network. If somebody sent you
                  this code, deny it.
                </span>
              </div>`
        }
        <dl class="facts">
          <dt>Code</dt>
          <dd class="mono">${code.slice(0, 4)}-${code.slice(4)}</dd>
          <dt>Asked from</dt>
          <dd class="num">${row.address}${isNear ? ', your network' : ''}</dd>
          <dt>It may</dt>
          <dd>
            ${
              isHub
                ? `register as a hub of ${account.email}`
                : `list, add and remove the hubs of ${account.email} and open terminals on them`
            }
          </dd>
          <dt>Expires</dt>
          <dd class="num">in ${minutes} min</dd>
        </dl>
        <form method="post" action="/device/decide">
          <input type="hidden" name="code" value="${code}" />
          <div class="two">
            <button class="button big ${isNear ? '' : 'main'}" name="answer" value="deny">
              Deny
            </button>
            <button class="button big ${isNear ? 'main' : ''}" name="answer" value="approve">
              Approve
            </button>
          </div>
        </form>
      `,
    }),
  });
}

function approvedPage(c: PageContext, row: DeviceCodeRow): Promise<Response> {
  const isHub = row.client === HUB_CLIENT_ID;
  return page(c, {
    title: 'Approved',
    body: narrow({
      heading: isHub ? `${row.label} may join` : `${row.label} is allowed`,
      text: 'It goes on by itself within 5 seconds. You can close this page.',
      badge: 'done',
    }),
  });
}

function deniedPage(c: PageContext): Promise<Response> {
  return page(c, {
    title: 'Denied',
    body: narrow({
      heading: 'Denied',
      text: 'Nothing was added. The code is spent, and the denial is in the audit log.',
      badge: 'failed',
    }),
  });
}
