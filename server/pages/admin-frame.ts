import type { Context } from 'hono';
import { html } from 'hono/html';
import { countAccountsAndHubs } from '../database/admin.ts';
import type { Person } from '../identity/sign-in.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import type { Services } from '../services.ts';
import { icon, MARK, page, stateIcon, timeText, type Html } from './page.ts';

/** The admin pages, in the order of the navigation. */
const PLACES = [
  { path: '/admin/accounts', name: 'Accounts', icon: 'users' },
  { path: '/admin/hubs', name: 'Hubs', icon: 'server' },
  { path: '/admin/browsers', name: 'Browsers', icon: 'globe' },
  { path: '/admin/keys', name: 'Keys', icon: 'key' },
  { path: '/admin/audit', name: 'Audit log', icon: 'file-text' },
  { path: '/admin/health', name: 'Health', icon: 'activity' },
] as const;

export interface AdminPageOptions {
  /** The page of the navigation that it belongs to. */
  place: (typeof PLACES)[number]['path'];
  heading: string;
  /** Beside the heading: what is known of the whole, the filter, buttons. */
  beside?: Html;
  /** What was just done. */
  good?: string | undefined;
  body: Html;
  status?: 400;
}

/** A page with the navigation beside it. */
export async function adminPage(
  c: Context<AppEnvironment>,
  services: Services,
  person: Person,
  options: AdminPageOptions,
): Promise<Response> {
  return page(c, {
    title: `${options.heading} – Admin`,
    scripts: ['filter.js'],
    ...(options.status ? { status: options.status } : {}),
    body: html`<a class="skip" href="#content">Skip to the content</a>
      <div class="admin">
        ${await navigation(services, person, options.place)}
        <main class="content" id="content" tabindex="-1">
          <div class="title">
            <h1>${options.heading}</h1>
            ${options.beside ?? ''}
          </div>
          ${options.good ? html`<p class="good" role="status">${options.good}</p>` : ''}
          ${options.body}
        </main>
      </div>`,
  });
}

async function navigation(services: Services, person: Person, place: string): Promise<Html> {
  const { db, admin } = services;
  const counts = await countAccountsAndHubs(db);
  const { state, liveBrowsers } = await admin.health.recent();
  const numbers: Record<string, number> = {
    '/admin/accounts': counts.accounts,
    '/admin/hubs': counts.hubs,
    '/admin/browsers': liveBrowsers,
  };
  const endOf = (path: string): Html | string => {
    if (path === '/admin/health' && state !== 'good') {
      return html`<span class="end"
        >${state === 'failed' ? stateIcon('failed', 'failed') : stateIcon('waiting', 'needs a look')}</span
      >`;
    }
    const number = numbers[path];
    return number === undefined ? '' : html`<span class="end num">${number}</span>`;
  };
  return html`<nav class="nav" aria-label="Admin">
    <div class="brand">${MARK}Hubtab</div>
    ${PLACES.map(
      ({ path, name, icon: picture }) =>
        html`<a href="${path}" ${path === place ? html`aria-current="page"` : ''}
          >${icon(picture)}${name}${endOf(path)}</a
        >`,
    )}
    <div class="me">
      <a href="/account">${person.account.email}</a>
      <form method="post" action="/sign-out"><button>Sign out</button></form>
    </div>
  </nav>`;
}

/** The field that filter.js shows; without script it is not there. */
export function filterField(label: string): Html {
  return html`<input
    class="input filter"
    type="search"
    data-filter
    aria-label="${label}"
    placeholder="${label}"
    title="/ goes here"
    hidden
  />`;
}

export interface TableColumn {
  name: string;
  isRight?: boolean;
  /** For screen readers alone. */
  isHidden?: boolean;
}

/** A table that scrolls inside itself, also by keyboard. */
export function table(label: string, columns: readonly TableColumn[], rows: readonly Html[]): Html {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">
    <table>
      <thead>
        <tr>
          ${columns.map(({ name, isRight, isHidden }) => {
            const text = isHidden ? html`<span class="visually-hidden">${name}</span>` : name;
            return html`<th scope="col" ${isRight ? html`class="right"` : ''}>${text}</th>`;
          })}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** An empty list: what it would hold, and who fills it. */
export function emptyPanel(heading: string, text: string): Html {
  return html`<div class="panel">
    <h2>${heading}</h2>
    <p class="muted">${text}</p>
  </div>`;
}

/** Says that a list is old, because Headscale is silent. */
export function staleStrip(staleSince: string | null, path: string): Html {
  if (staleSince === null) return html``;
  return html`<div class="strip" role="status">
    ${icon('triangle-alert')}
    <span class="grow"
      >Headscale does not answer. This list is from ${timeText(Date.parse(staleSince))}; terminals
      that are open keep working.</span
    >
    <a class="button small" href="${path}">Retry now</a>
  </div>`;
}

/** The way to the next page of a list, and back to the first one. */
export function moreLinks(
  path: string,
  query: Record<string, string>,
  cursor: { now: string | undefined; next: string | null },
): Html {
  if (cursor.now === undefined && cursor.next === null) return html``;
  const address = (more: Record<string, string>) =>
    `${path}?${new URLSearchParams({ ...query, ...more }).toString()}`;
  return html`<p class="more">
    ${cursor.now === undefined ? '' : html`<a class="button small" href="${address({})}">First page</a>`}
    ${
      cursor.next === null
        ? ''
        : html`<a class="button small" href="${address({ cursor: cursor.next })}">Next page</a>`
    }
  </p>`;
}

/** A time, or a word where there is none. */
export function timeOr(iso: string | null, otherwise: string): Html {
  return iso === null
    ? html`<span class="muted">${otherwise}</span>`
    : html`<span class="muted">${timeText(Date.parse(iso))}</span>`;
}

/** Rows on one page. */
export const PAGE_ROWS = 100;
