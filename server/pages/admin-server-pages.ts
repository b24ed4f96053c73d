import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { AdminAuditEntry, AdminHealth } from '../../protocol/admin.ts';
import type { Person } from '../identity/sign-in.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { ApiError } from '../problem.ts';
import type { Services } from '../services.ts';
import {
  adminPage,
  emptyPanel,
  filterField,
  moreLinks,
  PAGE_ROWS,
  table,
  timeOr,
} from './admin-frame.ts';
import { pageApp, requireAdminPerson, sameOrigin } from './guard.ts';
import { icon, stateIcon, timeText, wrong, type Html } from './page.ts';

type PageContext = Context<AppEnvironment>;

const AUDIT = '/admin/audit';
const HEALTH = '/admin/health';

/** The audit log, health and backups, for admins. */
export function adminServerPages(services: Services): Hono<AppEnvironment> {
  const { journal, backups } = services.admin;
  const app = pageApp(services);
  const ours = sameOrigin(services);

  app.get(AUDIT, async (c) => auditPage(c, services, await requireAdminPerson(c, services)));

  app.post(`${AUDIT}/export`, ours, async (c) => {
    const { account: admin } = await requireAdminPerson(c, services);
    return c.body(await journal.export(admin), 200, {
      'Content-Type': 'application/x-ndjson',
      'Content-Disposition': 'attachment; filename="hubtab-audit.ndjson"',
    });
  });

  app.get(HEALTH, async (c) => healthPage(c, services, await requireAdminPerson(c, services)));

  app.post('/admin/backups', ours, async (c) => {
    const person = await requireAdminPerson(c, services);
    const { path, bytes } = await backups.make(person.account.id);
    return healthPage(
      c,
      services,
      person,
      `The backup is made: ${path} (${Math.ceil(bytes / 1024)} KiB). It is not encrypted; keep a copy elsewhere.`,
    );
  });
  return app;
}

async function auditPage(c: PageContext, services: Services, person: Person): Promise<Response> {
  const { journal } = services.admin;
  const { cursor, verify } = c.req.query();
  const account = c.req.query('account')?.trim() ?? '';
  const found = await journal
    .list({ cursor, limit: PAGE_ROWS }, account === '' ? undefined : account)
    .catch((error: unknown) => {
      if (error instanceof ApiError) return { entries: [], nextCursor: null, error: error.message };
      throw error;
    });
  return adminPage(c, services, person, {
    place: AUDIT,
    heading: 'Audit log',
    beside: html`${verify === undefined ? '' : await verdictTag(services)}<span
        class="spring"
      ></span
      >${filterField('Filter this page')}
      <a class="button" href="${AUDIT}?verify">Verify</a>
      <form method="post" action="${AUDIT}/export">
        <button class="button">${icon('download')}Export</button>
      </form>`,
    body: html`
      <form class="inline-form" method="get" action="${AUDIT}">
        <div class="field">
          <label for="account">Done by or to</label>
          <input
            class="input"
            id="account"
            name="account"
            type="email"
            maxlength="254"
            autocomplete="off"
            placeholder="name@example.test"
            value="${account}"
          />
        </div>
        <button class="button big">Show</button>
      </form>
      ${'error' in found ? wrong(found.error) : ''}
      ${
        found.entries.length === 0
          ? emptyPanel('No entries', 'Nothing was recorded that fits.')
          : table(
              'Audit log',
              ['Time', 'Who', 'What', 'On', 'From', 'More'].map((name) => ({ name })),
              found.entries.map(auditRow),
            )
      }
      ${moreLinks(AUDIT, account === '' ? {} : { account }, { now: cursor, next: found.nextCursor })}
    `,
  });
}

async function verdictTag({ admin }: Services): Promise<Html> {
  const verdict = await admin.journal.verify();
  if (verdict.ok) {
    return html`<span class="tag done" role="status" title="Last hash: ${verdict.hash}"
      >Chain unbroken, ${verdict.seq} entries</span
    >`;
  }
  return html`<span class="tag failed" role="alert"
    >Tampered with at entry ${verdict.seq}: run hubtab server audit verify</span
  >`;
}

/** What somebody should have a look at. */
const NOTABLE =
  /failed|reused|denied|second-hub-node|unknown-node|drift|headscale-reset|key-refused|policy-restored/;

function auditRow(entry: AdminAuditEntry): Html {
  const what = sentenceCase(entry.event.replaceAll('-', ' '));
  const hub = entry.hub === null ? '' : (entry.hub.name ?? 'a removed hub');
  const on = entry.by !== null && entry.account !== null ? [entry.account, hub] : [hub];
  return html`<tr>
    <td>${timeOr(entry.at, '')}</td>
    <td>${entry.by ?? entry.account ?? html`<span class="muted">server</span>`}</td>
    <td>${NOTABLE.test(entry.event) ? html`<span class="tag waiting">${what}</span>` : what}</td>
    <td>${on.filter((text) => text !== '').join(', ')}</td>
    <td><span class="muted num">${entry.address ?? ''}</span></td>
    <td title="${entry.detail}"><span class="muted">${entry.detail}</span></td>
  </tr>`;
}

async function healthPage(
  c: PageContext,
  services: Services,
  person: Person,
  good?: string,
): Promise<Response> {
  const health = await services.admin.health.now();
  return adminPage(c, services, person, {
    place: HEALTH,
    heading: 'Health',
    good,
    beside: html`<span class="muted">checked ${timeText(Date.parse(health.checkedAt))}</span
      ><span class="spring"></span>
      <a class="button" href="${HEALTH}">Check again</a>
      <form method="post" action="/admin/backups">
        <button class="button main">Back up now</button>
      </form>`,
    body: html`
      <div class="counts">
        <div><b>${health.hubs.online} of ${health.hubs.all}</b><span>hubs online</span></div>
        <div><b>${health.liveBrowsers}</b><span>live browsers</span></div>
        <div><b>${since(health, services)}</b><span>since the last start</span></div>
        <div><b>${health.version}</b><span>version</span></div>
      </div>
      <ul class="checks">
        ${health.findings.map(
          ({ name, state, text }) =>
            html`<li>
              ${STATE_ICONS[state]}
              <span class="what">${sentenceCase(name)}</span>
              <span class="text">${/^[a-z]+ /.test(text) ? sentenceCase(text) : text}</span>
            </li>`,
        )}
      </ul>
      <p class="hint">
        A backup is everything that a server needs on an empty machine. “Back up now” writes it into
        the server’s own data directory and keeps the last five; no browser gets it.
        <code>hubtab server backup FILE</code> writes an encrypted one to carry away.
      </p>
    `,
  });
}

const STATE_ICONS = {
  good: stateIcon('done', 'Good'),
  warning: stateIcon('waiting', 'Needs a look'),
  failed: stateIcon('failed', 'Failed'),
} as const;

function sentenceCase(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

const HOUR_MS = 3600 * 1000;

function since({ startedAt }: AdminHealth, { clock }: Services): string {
  const hours = Math.floor((clock() - Date.parse(startedAt)) / HOUR_MS);
  if (hours < 1) return `${Math.floor((clock() - Date.parse(startedAt)) / 60_000)} min`;
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
