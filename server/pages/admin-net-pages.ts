import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { AdminBrowser, AdminHub, AdminKey } from '../../protocol/admin.ts';
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
  staleStrip,
  table,
  timeOr,
} from './admin-frame.ts';
import { pageApp, readForm, requireAdminPerson, sameOrigin } from './guard.ts';
import { stateIcon, type Html } from './page.ts';

type PageContext = Context<AppEnvironment>;

const HUBS = '/admin/hubs';
const BROWSERS = '/admin/browsers';
const KEYS = '/admin/keys';

/** Hubs, live browsers and keys of all accounts, for admins. */
export function adminNetPages(services: Services): Hono<AppEnvironment> {
  const { net } = services.admin;
  const app = pageApp(services);
  const ours = sameOrigin(services);

  app.get(HUBS, async (c) => hubsPage(c, services, await requireAdminPerson(c, services)));

  app.get(`${HUBS}/:id`, async (c) => {
    const person = await requireAdminPerson(c, services);
    return hubPage(c, services, person, await net.hub(c.req.param('id')));
  });

  app.post(`${HUBS}/:id/remove`, ours, async (c) => {
    const { account: admin } = await requireAdminPerson(c, services);
    if ((await readForm(c)).sure !== 'yes') {
      throw new ApiError('bad-request', 'Tick the box that says that you mean it.');
    }
    await net.removeHub(c.req.param('id'), admin);
    return c.redirect(`${HUBS}?done=removed`, 303);
  });

  app.get(BROWSERS, async (c) => browsersPage(c, services, await requireAdminPerson(c, services)));

  app.post(`${BROWSERS}/cut`, ours, async (c) => {
    const { account: admin } = await requireAdminPerson(c, services);
    await net.cutBrowser((await readForm(c)).node ?? '', admin);
    return c.redirect(`${BROWSERS}?done=cut`, 303);
  });

  app.get(KEYS, async (c) => keysPage(c, services, await requireAdminPerson(c, services)));
  return app;
}

async function hubsPage(c: PageContext, services: Services, person: Person): Promise<Response> {
  const cursor = c.req.query('cursor');
  const list = await services.admin.net.hubs({ cursor, limit: PAGE_ROWS });
  return adminPage(c, services, person, {
    place: HUBS,
    heading: 'Hubs',
    beside: html`<span class="spring"></span>${filterField('Filter hubs')}`,
    good:
      c.req.query('done') === 'removed'
        ? 'The hub is removed and its nodes are cut off. What runs on the machine keeps running.'
        : undefined,
    body: html`
      ${staleStrip(list.staleSince, HUBS)}
      ${
        list.hubs.length === 0
          ? emptyPanel(
              'No hubs',
              'A hub is added by the person who owns it, from the extension’s “Add a hub”. Nothing to do here.',
            )
          : table('Hubs', HUB_COLUMNS, list.hubs.map(hubRow))
      }
      ${moreLinks(HUBS, {}, { now: cursor, next: list.nextCursor })}
    `,
  });
}

const HUB_COLUMNS = [
  'Name',
  'Owner',
  'Shared with',
  'Shell as',
  'tmux',
  'Tailscale',
  'Last seen',
].map((name) => ({ name }));

function hubRow(hub: AdminHub): Html {
  return html`<tr>
    <td>
      <span class="cell"
        >${hubState(hub)}<a data-row href="${HUBS}/${hub.id}" title="${hub.name}"
          >${hub.name}</a
        ></span
      >
    </td>
    <td title="${hub.owner}">${hub.owner}</td>
    <td>${sharedText(hub)}</td>
    <td>${hub.sshUser}</td>
    <td>${hub.tmuxVersion ?? '–'}</td>
    <td>${hub.tailscaleVersion ?? '–'}</td>
    <td>
      ${
        hub.unknownNodes > 0
          ? html`<span class="tag failed">Quarantined: unknown node</span>`
          : lastSeen(hub)
      }
    </td>
  </tr>`;
}

function hubState({ online, unknownNodes }: AdminHub): Html {
  if (unknownNodes > 0) return stateIcon('failed', 'Unknown node');
  return online ? stateIcon('online', 'Connected') : stateIcon('offline', 'Not connected');
}

function sharedText({ sharedWith }: AdminHub): Html | string {
  if (sharedWith === 0) return html`<span class="muted">nobody</span>`;
  return sharedWith === 1 ? '1 person' : `${sharedWith} people`;
}

function lastSeen({ online, lastSeenAt }: Pick<AdminHub, 'online' | 'lastSeenAt'>): Html {
  return online ? html`<span class="muted">now</span>` : timeOr(lastSeenAt, 'never');
}

function hubPage(
  c: PageContext,
  services: Services,
  person: Person,
  hub: AdminHub,
): Promise<Response> {
  const who = hub.sharedWith === 0 ? 'Its owner loses' : `Its owner and ${sharedCount(hub)} lose`;
  return adminPage(c, services, person, {
    place: HUBS,
    heading: hub.name,
    beside: hubState(hub),
    body: html`
      <dl class="facts">
        <dt>Owner</dt>
        <dd>${hub.owner}</dd>
        <dt>Shared with</dt>
        <dd>${sharedText(hub)}</dd>
        <dt>Shell as</dt>
        <dd>${hub.sshUser}</dd>
        <dt>tmux</dt>
        <dd>${hub.tmuxVersion ?? 'not said yet'}</dd>
        <dt>Tailscale</dt>
        <dd>${hub.tailscaleVersion ?? 'not said yet'}</dd>
        <dt>Last seen</dt>
        <dd>${lastSeen(hub)}</dd>
        <dt>Registered</dt>
        <dd>${timeOr(hub.createdAt, '')}</dd>
        ${
          hub.unknownNodes > 0
            ? html`<dt>Unknown nodes</dt>
                <dd>
                  ${hub.unknownNodes} joined its net with no key of this server. They are cut off
                  already, and are removed after ten minutes.
                </dd>`
            : ''
        }
      </dl>
      <section>
        <h2>Remove ${hub.name}?</h2>
        <p class="muted">
          ${who} it within 2 seconds, and it cannot be taken back: the machine must join again. Its
          sessions and agents keep running.
        </p>
        <form method="post" action="${HUBS}/${hub.id}/remove">
          <p class="agree">
            <input type="checkbox" id="sure" name="sure" value="yes" required />
            <label for="sure">I mean ${hub.name} of ${hub.owner}</label>
          </p>
          <p><button class="button danger">Remove hub</button></p>
        </form>
      </section>
    `,
  });
}

function sharedCount({ sharedWith }: AdminHub): string {
  return sharedWith === 1 ? '1 other person' : `${sharedWith} other people`;
}

async function browsersPage(c: PageContext, services: Services, person: Person): Promise<Response> {
  const { browsers, staleSince } = await services.admin.net.browsers();
  return adminPage(c, services, person, {
    place: BROWSERS,
    heading: 'Live browsers',
    beside: html`<span class="spring"></span>${filterField('Filter browsers')}`,
    good:
      c.req.query('done') === 'cut'
        ? 'The browser is cut off from every hub, and its sign-in has ended.'
        : undefined,
    body: html`
      ${staleStrip(staleSince, BROWSERS)}
      ${
        browsers.length === 0
          ? emptyPanel(
              'No browsers',
              'A browser is here as long as its extension is connected to a hub.',
            )
          : table(
              'Live browsers',
              [
                { name: 'Account' },
                { name: 'Browser' },
                { name: 'Hub' },
                { name: 'Last heard' },
                { name: 'Since' },
                { name: 'Actions', isRight: true, isHidden: true },
              ],
              browsers.map((browser) => browserRow(browser, staleSince !== null)),
            )
      }
    `,
  });
}

function browserRow(browser: AdminBrowser, isStale: boolean): Html {
  const account = browser.account ?? 'unknown';
  const label = browser.label ?? 'A browser';
  return html`<tr>
    <td title="${account}">${account}</td>
    <td>
      <span class="cell">
        ${browser.online ? stateIcon('online', 'Connected') : stateIcon('offline', 'Away')}${label}
      </span>
    </td>
    <td title="${browser.hub.name}">${browser.hub.name}</td>
    <td>${lastSeen(browser)}</td>
    <td>${timeOr(browser.createdAt, '')}</td>
    <td class="right">
      <form method="post" action="${BROWSERS}/cut">
        <input type="hidden" name="node" value="${browser.nodeId}" />
        <button
          class="button small"
          aria-label="Cut off ${label} of ${account}"
          ${isStale ? 'disabled' : ''}
        >
          Cut off
        </button>
      </form>
    </td>
  </tr>`;
}

const KEY_TAGS: Record<AdminKey['state'], Html> = {
  pending: html`<span class="tag waiting">Being made</span>`,
  open: html`<span class="tag waiting">Not used yet</span>`,
  used: html`<span class="tag done">Used</span>`,
  ended: html`<span class="tag">Ended</span>`,
};

async function keysPage(c: PageContext, services: Services, person: Person): Promise<Response> {
  const cursor = c.req.query('cursor');
  const { keys, nextCursor } = await services.admin.net.keys({ cursor, limit: PAGE_ROWS });
  return adminPage(c, services, person, {
    place: KEYS,
    heading: 'Keys',
    beside: html`<span class="spring"></span>${filterField('Filter keys')}`,
    body: html`
      <p class="muted">
        Each key lets one node join the net of one hub, once, within minutes. The keys themselves
        are kept nowhere.
      </p>
      ${
        keys.length === 0
          ? emptyPanel('No keys', 'A key is made when a hub joins or a browser connects.')
          : table(
              'Keys',
              ['For', 'Hub', 'Asked by', 'Made', 'Used', 'State'].map((name) => ({ name })),
              keys.map(
                (key) =>
                  html`<tr>
                    <td>${key.kind === 'hub' ? 'The hub' : 'A browser'}</td>
                    <td title="${key.hub.name}">${key.hub.name}</td>
                    <td>${key.account ?? html`<span class="muted">the hub itself</span>`}</td>
                    <td>${timeOr(key.createdAt, '')}</td>
                    <td>${timeOr(key.usedAt, 'never')}</td>
                    <td>${KEY_TAGS[key.state]}</td>
                  </tr>`,
              ),
            )
      }
      ${moreLinks(KEYS, {}, { now: cursor, next: nextCursor })}
    `,
  });
}
