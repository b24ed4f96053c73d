import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { z } from 'zod';
import {
  AdminAccount,
  AdminInvitationRequest,
  type AdminInvitation,
} from '../../protocol/admin.ts';
import type { Person } from '../identity/sign-in.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { ApiError } from '../problem.ts';
import type { Services } from '../services.ts';
import { adminPage, filterField, moreLinks, PAGE_ROWS, table, timeOr } from './admin-frame.ts';
import { pageApp, readForm, requireAdminPerson, sameOrigin } from './guard.ts';
import { field, icon, timeText, type Html } from './page.ts';

type PageContext = Context<AppEnvironment>;

const ACCOUNTS = '/admin/accounts';

/** What was done to an account, said on its page afterwards. */
const DONE: Record<string, string> = {
  disabled: 'The account is disabled. Its sign-ins have ended and its browsers are cut off.',
  enabled: 'The account is enabled. Its person can sign in again.',
  role: 'The role is changed. The person must sign in to the pages again.',
  withdrawn: 'The invitation is withdrawn. Its link no longer works.',
};

/** Accounts and invitations, for admins. */
export function adminAccountPages(services: Services): Hono<AppEnvironment> {
  const { people } = services.admin;
  const app = pageApp(services);
  const ours = sameOrigin(services);

  app.get('/admin', async (c) => {
    await requireAdminPerson(c, services);
    return c.redirect(ACCOUNTS, 303);
  });

  app.get(ACCOUNTS, async (c) => {
    const person = await requireAdminPerson(c, services);
    return accountsPage(c, services, person, { good: DONE[c.req.query('done') ?? ''] });
  });

  app.get(`${ACCOUNTS}/:id`, async (c) => {
    const person = await requireAdminPerson(c, services);
    const account = await people.get(c.req.param('id'));
    return accountPage(c, services, person, account);
  });

  app.post(`${ACCOUNTS}/:id/status`, ours, async (c) => {
    const { account: admin } = await requireAdminPerson(c, services);
    const id = c.req.param('id');
    const status = chosen(AdminAccount.shape.status, (await readForm(c)).status);
    await people.change(id, admin, { status });
    return c.redirect(`${ACCOUNTS}/${id}?done=${status === 'active' ? 'enabled' : status}`, 303);
  });

  app.post(`${ACCOUNTS}/:id/role`, ours, async (c) => {
    const { account: admin } = await requireAdminPerson(c, services);
    const id = c.req.param('id');
    const role = chosen(AdminAccount.shape.role, (await readForm(c)).role);
    await people.change(id, admin, { role });
    return c.redirect(`${ACCOUNTS}/${id}?done=role`, 303);
  });

  app.post('/admin/invitations', ours, async (c) => {
    const person = await requireAdminPerson(c, services);
    const { email = '', role } = await readForm(c);
    const request = AdminInvitationRequest.safeParse({ email: email.trim(), role });
    if (!request.success) {
      return accountsPage(c, services, person, { email, wrong: 'This is no e-mail address.' });
    }
    try {
      const link = await people.invite(person.account, request.data.role, request.data.email);
      return await linkPage(c, services, person, { ...link, ...request.data });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return accountsPage(c, services, person, { email, wrong: error.message });
    }
  });

  app.post('/admin/invitations/withdraw', ours, async (c) => {
    const { account: admin } = await requireAdminPerson(c, services);
    await people.withdraw((await readForm(c)).id ?? '', admin);
    return c.redirect(`${ACCOUNTS}?done=withdrawn`, 303);
  });
  return app;
}

/** @throws ApiError bad-request for what no form of ours sends */
function chosen<T>(options: z.ZodType<T>, value: string | undefined): T {
  const parsed = options.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ApiError('bad-request', 'This form was not filled in by its own page. Reload it.');
}

interface AccountsView {
  good?: string | undefined;
  /** What was typed, and what is wrong with it. */
  email?: string;
  wrong?: string;
}

async function accountsPage(
  c: PageContext,
  services: Services,
  person: Person,
  view: AccountsView,
): Promise<Response> {
  const { people } = services.admin;
  const cursor = c.req.method === 'GET' ? c.req.query('cursor') : undefined;
  const { accounts, nextCursor } = await people.list({ cursor, limit: PAGE_ROWS });
  const invitations = await people.invitations();
  return adminPage(c, services, person, {
    place: ACCOUNTS,
    heading: 'Accounts',
    beside: html`<span class="spring"></span>${filterField('Filter accounts')}`,
    good: view.good,
    ...(view.wrong === undefined ? {} : { status: 400 }),
    body: html`
      ${table(
        'Accounts',
        [
          { name: 'Email' },
          { name: 'Role' },
          { name: 'Second factor' },
          { name: 'Hubs', isRight: true },
          { name: 'Live browsers', isRight: true },
          { name: 'Last active' },
          { name: 'State' },
        ],
        accounts.map(accountRow),
      )}
      ${moreLinks(ACCOUNTS, {}, { now: cursor, next: nextCursor })}
      ${invitations.length === 0 ? '' : invitationsSection(invitations)} ${inviteSection(view)}
    `,
  });
}

function accountRow(account: AdminAccount): Html {
  return html`<tr>
    <td>
      <a data-row href="${ACCOUNTS}/${account.id}" title="${account.email}">${account.email}</a>
    </td>
    <td>${roleName(account.role)}</td>
    <td>${factorsText(account)}</td>
    <td class="right num">${account.hubs}</td>
    <td class="right num">${account.liveBrowsers}</td>
    <td>${timeOr(account.lastActiveAt, 'never')}</td>
    <td>${stateTag(account)}</td>
  </tr>`;
}

function roleName(role: AdminAccount['role']): string {
  return role === 'admin' ? 'Admin' : 'Member';
}

function stateTag({ status }: AdminAccount): Html {
  return status === 'active'
    ? html`<span class="tag done">Active</span>`
    : html`<span class="tag">Disabled</span>`;
}

function factorsText({ factors }: AdminAccount): Html | string {
  const { passkeys, totp, oidc } = factors;
  const names = [
    passkeys === 1 ? 'Passkey' : `${passkeys} passkeys`,
    ...(totp ? ['authenticator app'] : []),
    ...(oidc ? ['single sign-on'] : []),
  ].slice(passkeys === 0 ? 1 : 0);
  const [first, ...others] = names;
  if (first === undefined) return html`<span class="none">None</span>`;
  return [`${first.charAt(0).toUpperCase()}${first.slice(1)}`, ...others].join(', ');
}

function invitationsSection(invitations: readonly AdminInvitation[]): Html {
  return html`<section>
    <h2>Open invitations</h2>
    ${table(
      'Open invitations',
      [
        { name: 'For' },
        { name: 'Role' },
        { name: 'Until' },
        { name: 'Actions', isRight: true, isHidden: true },
      ],
      invitations.map(({ id, email, role, expiresAt }) => {
        const whom = email ?? 'whoever has the link';
        return html`<tr>
          <td title="${whom}">${whom}</td>
          <td>${roleName(role)}</td>
          <td>${timeOr(expiresAt, '')}</td>
          <td class="right">
            <form method="post" action="/admin/invitations/withdraw">
              <input type="hidden" name="id" value="${id}" />
              <button class="button small" aria-label="Withdraw the invitation for ${whom}">
                Withdraw
              </button>
            </form>
          </td>
        </tr>`;
      }),
    )}
  </section>`;
}

function inviteSection(view: AccountsView): Html {
  return html`<section id="invite">
    <h2>Invite</h2>
    <p class="muted">
      You get a link to send. It works once, for three days, and for this address alone.
    </p>
    <form class="inline-form" method="post" action="/admin/invitations">
      ${field({
        name: 'email',
        label: 'Email',
        type: 'email',
        autocomplete: 'off',
        value: view.email,
        error: view.wrong,
      })}
      <div class="field">
        <label for="role">Role</label>
        <select class="input" id="role" name="role">
          <option value="member">Member</option>
          <option value="admin">Admin</option>
        </select>
      </div>
      <button class="button big">${icon('plus')}Invite</button>
    </form>
  </section>`;
}

function linkPage(
  c: PageContext,
  services: Services,
  person: Person,
  link: { url: string; expiresAt: string; email: string; role: AdminAccount['role'] },
): Promise<Response> {
  return adminPage(c, services, person, {
    place: ACCOUNTS,
    heading: `Invitation for ${link.email}`,
    body: html`<p class="muted">
        Send this link to ${link.email}. It makes one account (${roleName(link.role)}), works once,
        until ${timeText(Date.parse(link.expiresAt))}, and is shown only now.
      </p>
      <div class="panel"><code data-link>${link.url}</code></div>
      <p><a class="button" href="${ACCOUNTS}">Done</a></p>`,
  });
}

function accountPage(
  c: PageContext,
  services: Services,
  person: Person,
  account: AdminAccount,
): Promise<Response> {
  return adminPage(c, services, person, {
    place: ACCOUNTS,
    heading: account.email,
    beside: stateTag(account),
    good: DONE[c.req.query('done') ?? ''],
    body: html`
      <dl class="facts">
        <dt>Role</dt>
        <dd>${roleName(account.role)}</dd>
        <dt>Second factor</dt>
        <dd>${factorsText(account)}</dd>
        <dt>Hubs</dt>
        <dd>${account.hubs}</dd>
        <dt>Signed-in extensions</dt>
        <dd>${account.signIns}</dd>
        <dt>Live browsers</dt>
        <dd>${account.liveBrowsers}</dd>
        <dt>Last active</dt>
        <dd>${timeOr(account.lastActiveAt, 'never')}</dd>
        <dt>Since</dt>
        <dd>${timeOr(account.createdAt, '')}</dd>
      </dl>
      <p>
        <a href="/admin/audit?account=${encodeURIComponent(account.email)}"
          >What it did, in the audit log</a
        >
      </p>
      ${
        account.id === person.account.id
          ? html`<p class="muted">
              This is your own account. Another admin can change its role or disable it.
            </p>`
          : html`${roleSection(account)} ${statusSection(account)}`
      }
    `,
  });
}

function roleSection({ id, email, role }: AdminAccount): Html {
  const isAdmin = role === 'admin';
  return html`<section>
    <h2>${isAdmin ? 'Make it a member' : 'Make it an admin'}</h2>
    <p class="muted">
      ${
        isAdmin
          ? 'A member has its own hubs and sees nothing of others.'
          : 'An admin sees all accounts, hubs and browsers, and the audit log, and can disable and remove them. An admin gets into no hub by that.'
      }
    </p>
    <form method="post" action="${ACCOUNTS}/${id}/role">
      <input type="hidden" name="role" value="${isAdmin ? 'member' : 'admin'}" />
      <button class="button">
        ${isAdmin ? `Make ${email} a member` : `Make ${email} an admin`}
      </button>
    </form>
  </section>`;
}

function statusSection({ id, email, status, ...account }: AdminAccount): Html {
  const isActive = status === 'active';
  const text = isActive
    ? `Ends ${count(account.signIns, 'sign-in')} and cuts ${count(account.liveBrowsers, 'live browser')} within 2 seconds. ` +
      `Their ${count(account.hubs, 'hub')} ${account.hubs === 1 ? 'stays' : 'stay'} registered; agents keep running.`
    : 'Its person can sign in again. Hubs that they share with others are reachable all the time.';
  return html`<section>
    <h2>${isActive ? `Disable ${email}?` : `Enable ${email}?`}</h2>
    <p class="muted">${text}</p>
    <form method="post" action="${ACCOUNTS}/${id}/status">
      <input type="hidden" name="status" value="${isActive ? 'disabled' : 'active'}" />
      <button class="button ${isActive ? 'danger' : ''}">
        ${isActive ? 'Disable account' : 'Enable account'}
      </button>
    </form>
  </section>`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
