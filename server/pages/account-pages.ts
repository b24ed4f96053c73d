import type { Context, Hono } from 'hono';
import { html, raw } from 'hono/html';
import { renderSVG } from 'uqr';
import { recordAudit } from '../audit/audit.ts';
import { readFactors, type Factors } from '../database/sign-in.ts';
import type { Grant } from '../identity/identity.ts';
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from '../identity/passwords.ts';
import type { Outcome, Person } from '../identity/sign-in.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import type { Services } from '../services.ts';
import {
  browserOf,
  pageApp,
  readForm,
  requirePerson,
  requireRecent,
  sameOrigin,
  setCookies,
} from './guard.ts';
import { field, icon, narrow, page, passkeyButton, timeText, wrong, type Html } from './page.ts';

type PageContext = Context<AppEnvironment>;

interface Notice {
  good?: string;
  wrong?: string;
}

/** A person's own account: how they sign in, and what is signed in. */
export function accountPages(services: Services): Hono<AppEnvironment> {
  const { signIn, signInLimits, access } = services;
  const app = pageApp(services);
  const ours = sameOrigin(services);

  app.get('/account', async (c) => accountPage(c, services, await requirePerson(c, services)));

  app.post('/account/password', ours, async (c) => {
    const person = await requirePerson(c, services);
    const { present = '', next = '' } = await readForm(c);
    if (next.length < SHORTEST_PASSWORD || next.length > LONGEST_PASSWORD) {
      const sentence = `The new password needs ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters.`;
      return accountPage(c, services, person, { wrong: sentence });
    }
    const outcome = await limited(c, () =>
      signIn.changePassword(browserOf(c, services), present, next),
    );
    if (outcome.ok) await record(services, person, 'password-changed');
    return outcome.ok
      ? accountPage(c, services, person, {
          good: 'The password is changed. Other browsers that were signed in to this page are signed out.',
        })
      : accountPage(c, services, person, { wrong: 'The present password is not right.' });
  });

  app.post('/account/totp', ours, async (c) => {
    const person = await requireRecent(c, services, '/account');
    const { password = '' } = await readForm(c);
    const outcome = await limited(c, () => signIn.startTotp(browserOf(c, services), password));
    if (outcome.ok) return totpPage(c, outcome.value);
    return accountPage(c, services, person, { wrong: 'The password is not right.' });
  });

  app.post('/account/totp/confirm', ours, async (c) => {
    const person = await requirePerson(c, services);
    const { code = '' } = await readForm(c);
    const outcome = await limited(c, () =>
      signIn.confirmTotp(browserOf(c, services), code.replaceAll(/\s/g, '')),
    );
    if (!outcome.ok) {
      return accountPage(c, services, person, {
        wrong: 'The code was not right, so the authenticator app is not in use. Start again.',
      });
    }
    await record(services, person, 'factors-changed', ['totp']);
    return c.redirect('/account#factors', 303);
  });

  app.post('/account/totp/remove', ours, async (c) => {
    const person = await requireRecent(c, services, '/account');
    const { password = '' } = await readForm(c);
    const outcome = await limited(c, () => signIn.removeTotp(browserOf(c, services), password));
    if (!outcome.ok) {
      return accountPage(c, services, person, { wrong: 'The password is not right.' });
    }
    await record(services, person, 'factors-changed', ['totp']);
    return c.redirect('/account#factors', 303);
  });

  app.post('/account/passkeys/remove', ours, async (c) => {
    const person = await requireRecent(c, services, '/account');
    const { id = '' } = await readForm(c);
    const outcome = await signIn.removePasskey(browserOf(c, services), id);
    setCookies(c, outcome.cookies);
    if (outcome.ok) await record(services, person, 'factors-changed', ['passkey']);
    return c.redirect('/account#factors', 303);
  });

  app.post('/account/grants/end', ours, async (c) => {
    const { account } = await requirePerson(c, services);
    const { id = '' } = await readForm(c);
    await access.endGrant(account.id, id);
    return c.redirect('/account#signed-in', 303);
  });

  app.post('/account/sign-out-everywhere', ours, async (c) => {
    const { account } = await requirePerson(c, services);
    await access.signOutEverywhere(account.id);
    const outcome = await signIn.signOut(browserOf(c, services));
    setCookies(c, outcome.cookies);
    return page(c, {
      title: 'Signed out everywhere',
      body: narrow({
        heading: 'You are signed out everywhere',
        text: 'Every browser and every extension. Your hubs stay, and agents keep running.',
        badge: 'done',
        body: html`<a class="button big wide" href="/sign-in">Sign in</a>`,
      }),
    });
  });

  /** Passwords and codes are guessed here like anywhere. */
  async function limited<T>(c: PageContext, work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const refund = signInLimits.spendNetwork(services.clientAddress(c));
    const outcome = await work();
    if (outcome.ok) refund();
    setCookies(c, outcome.cookies);
    return outcome;
  }
  return app;
}

function record(
  { db, clock }: Services,
  { account }: Person,
  event: 'password-changed' | 'factors-changed',
  changed?: string[],
): Promise<void> {
  return recordAudit(db, clock(), { event, accountId: account.id, changed });
}

async function accountPage(
  c: PageContext,
  services: Services,
  person: Person,
  notice: Notice = {},
): Promise<Response> {
  const { account } = person;
  const factors = await readFactors(services.db, account.id);
  const grants = await services.identity.listGrants(account.id);
  const isFactorNeeded = c.req.query('need') === 'factor';
  return page(c, {
    title: 'Your account',
    scripts: ['passkey.js'],
    ...(notice.wrong === undefined ? {} : { status: 400 }),
    body: narrow({
      heading: 'Your account',
      text: `${account.email} on ${new URL(services.publicUrl).host}`,
      isBroad: true,
      body: html`
        ${notice.good ? html`<p class="good" role="status">${notice.good}</p>` : ''}
        ${wrong(notice.wrong)}
        ${
          isFactorNeeded
            ? html`<div class="warn" role="note">
                ${icon('triangle-alert')}
                <span>The admin pages need a passkey or an authenticator app. Add one below.</span>
              </div>`
            : ''
        }
        ${factorsSection(person, factors, services)} ${grantsSection(grants)}
        ${passwordSection(factors)}
        <section>
          <p class="between">
            <a href="/device">Approve a hub or a browser</a>
          </p>
          <form method="post" action="/sign-out">
            <button class="button big wide">Sign out of this page</button>
          </form>
        </section>
      `,
    }),
  });
}

function factorsSection(person: Person, factors: Factors, { signIn, publicUrl }: Services): Html {
  const oidc = signIn.oidc;
  const isLinked = oidc !== undefined && factors.providers.includes(oidc.id);
  return html`<section id="factors">
    <h2>How you sign in</h2>
    <ul class="rows">
      ${factors.passkeys.map(
        (key) =>
          html`<li>
            <span class="grow">
              ${key.name ?? 'Passkey'}<small
                >Passkey, added ${timeText(key.createdAt.getTime())}</small
              >
            </span>
            <form method="post" action="/account/passkeys/remove">
              <input type="hidden" name="id" value="${key.id}" />
              <button class="button small" aria-label="Remove ${key.name ?? 'passkey'}">
                Remove
              </button>
            </form>
          </li>`,
      )}
      <li>
        <span class="grow">
          Authenticator app<small>${factors.hasTotp ? 'In use' : 'Not in use'}</small>
        </span>
      </li>
      ${
        oidc
          ? html`<li>
              <span class="grow">
                ${oidc.config.name}<small>${isLinked ? 'Linked' : 'Not linked'}</small>
              </span>
              ${isLinked ? '' : html`<a class="button small" href="/account/oidc">Link</a>`}
            </li>`
          : ''
      }
    </ul>
    ${
      person.isRecent
        ? passkeyButton({
            publicUrl,
            ceremony: 'add',
            next: '/account#factors',
            label: 'Add a passkey',
            isMain: factors.passkeys.length === 0 && !factors.hasTotp,
            name: `Passkey ${factors.passkeys.length + 1}`,
          })
        : html`<p class="hint">
            To add or remove a passkey,
            <a href="/sign-in?why=confirm&amp;next=%2Faccount">confirm that it is you</a>.
          </p>`
    }
    ${factors.hasPassword && person.isRecent ? totpForm(factors.hasTotp) : ''}
  </section>`;
}

function totpForm(isInUse: boolean): Html {
  return html`<details>
    <summary>${isInUse ? 'Stop using the authenticator app' : 'Use an authenticator app'}</summary>
    <form method="post" action="${isInUse ? '/account/totp/remove' : '/account/totp'}">
      ${field({
        name: 'password',
        label: 'Your password',
        type: 'password',
        autocomplete: 'current-password',
      })}
      <button class="button big">${isInUse ? 'Stop using it' : 'Continue'}</button>
    </form>
  </details>`;
}

function grantsSection(grants: readonly Grant[]): Html {
  return html`<section id="signed-in">
    <h2>Signed-in extensions</h2>
    ${grants.length === 0 ? html`<p class="muted">None. Sign in from the Hubtab extension.</p>` : ''}
    <ul class="rows">
      ${grants.map((grant) => {
        const label = grant.label ?? 'A browser';
        const used = timeText(grant.usedAtMs ?? grant.createdAtMs);
        return html`<li>
          <span class="grow">
            ${label}
            <small>
              Since ${timeText(grant.createdAtMs)}${grant.address ? ` from ${grant.address}` : ''},
              last used ${used}
            </small>
          </span>
          <form method="post" action="/account/grants/end">
            <input type="hidden" name="id" value="${grant.id}" />
            <button class="button small" aria-label="Sign out ${label}">Sign out</button>
          </form>
        </li>`;
      })}
    </ul>
    <form method="post" action="/account/sign-out-everywhere">
      <p class="hint">
        Signing out everywhere ends every sign-in and cuts live browsers off within 2 seconds.
        Agents keep running.
      </p>
      <button class="button big">Sign out everywhere</button>
    </form>
  </section>`;
}

function passwordSection(factors: Factors): Html {
  if (!factors.hasPassword) return html``;
  return html`<section id="password">
    <details>
      <summary>Change the password</summary>
      <form method="post" action="/account/password">
        ${field({
          name: 'present',
          label: 'Present password',
          type: 'password',
          autocomplete: 'current-password',
        })}
        ${field({
          name: 'next',
          label: 'New password',
          type: 'password',
          autocomplete: 'new-password',
          minLength: SHORTEST_PASSWORD,
          hint: `At least ${SHORTEST_PASSWORD} characters.`,
        })}
        <button class="button big">Change the password</button>
      </form>
    </details>
  </section>`;
}

function totpPage(
  c: PageContext,
  { totpURI, backupCodes }: { totpURI: string; backupCodes: string[] },
): Promise<Response> {
  const secret = new URL(totpURI).searchParams.get('secret') ?? '';
  const picture = renderSVG(totpURI, { border: 2 });
  return page(c, {
    title: 'Authenticator app',
    body: narrow({
      heading: 'Use an authenticator app',
      text: 'Scan the picture with the app, or type the secret into it.',
      body: html`
        <img
          class="qr"
          alt="QR code with the secret below"
          src="data:image/svg+xml;base64,${raw(Buffer.from(picture).toString('base64'))}"
        />
        <dl class="facts">
          <dt>Secret</dt>
          <dd><code data-secret>${secret}</code></dd>
        </dl>
        <h2>Backup codes</h2>
        <p class="muted">Keep them where the app is not. Each signs you in once without it.</p>
        <ul class="codes mono">
          ${backupCodes.map((code) => html`<li>${code}</li>`)}
        </ul>
        <form method="post" action="/account/totp/confirm">
          ${field({
            name: 'code',
            label: 'The six digits that the app shows now',
            autocomplete: 'one-time-code',
            look: 'code',
            inputmode: 'numeric',
          })}
          <button class="button main big wide">Confirm</button>
        </form>
      `,
    }),
  });
}
