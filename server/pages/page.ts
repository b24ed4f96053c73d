import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Context } from 'hono';
import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { AppEnvironment } from '../middleware/environment.ts';
import { SCRIPTS } from './scripts.ts';
import { STYLE } from './style.ts';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export interface PageOptions {
  title: string;
  body: Html;
  /** Names in scripts.ts. */
  scripts?: readonly (keyof typeof SCRIPTS & string)[];
  /** Origins, besides ours, that an answer to a form of this page may lead to. */
  formTargets?: readonly string[];
  status?: ContentfulStatusCode;
}

/** In the address of each asset, so that a new version is never mixed with an old page. */
const VERSION = createHash('sha256')
  .update(STYLE + JSON.stringify(SCRIPTS))
  .digest('hex')
  .slice(0, 12);

export const ASSETS_PATH = '/assets';

/** A whole page. Its policy allows our own style sheet and scripts, and nothing else. */
export async function page(c: Context<AppEnvironment>, options: PageOptions): Promise<Response> {
  const formAction = ["'self'", ...(options.formTargets ?? [])].join(' ');
  c.header(
    'Content-Security-Policy',
    [
      "default-src 'none'",
      "style-src 'self'",
      "script-src 'self'",
      "img-src 'self' data:",
      "connect-src 'self'",
      `form-action ${formAction}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
  );
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${options.title} – Hubtab</title>
        <link rel="icon" href="${asset('icon.svg')}" />
        <link rel="stylesheet" href="${asset('style.css')}" />
        ${(options.scripts ?? []).map(
          (name) => html`<script type="module" src="${asset(name)}"></script>`,
        )}
      </head>
      <body>
        ${options.body}
      </body>
    </html>`;
  return c.html(await document, options.status ?? 200);
}

function asset(name: string): string {
  return `${ASSETS_PATH}/${VERSION}/${name}`;
}

/** What stands at an asset's address. */
export function findAsset(name: string): { type: string; text: string } | undefined {
  if (name === 'style.css') return { type: 'text/css; charset=utf-8', text: STYLE };
  if (name === 'icon.svg') return { type: 'image/svg+xml', text: MARK_FILE };
  const script = Object.hasOwn(SCRIPTS, name) ? SCRIPTS[name] : undefined;
  return script === undefined
    ? undefined
    : { type: 'text/javascript; charset=utf-8', text: script };
}

const MARK_PATHS =
  '<path d="M1 15V3a2 2 0 0 1 4 0v12zM11 15V3a2 2 0 0 1 4 0v12z" fill="#0f9484"/><circle cx="8" cy="8" r="3" fill="#0f9484"/>';
const MARK_FILE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${MARK_PATHS}</svg>`;
export const MARK = raw(
  `<svg class="mark" viewBox="0 0 16 16" aria-hidden="true">${MARK_PATHS}</svg>`,
);

/** One column in the middle: sign-in and whatever a person decides. */
export function narrow(options: {
  heading: string;
  /** Below the heading. */
  text?: Html | string;
  badge?: 'done' | 'failed';
  body?: Html;
  isBroad?: boolean;
}): Html {
  return html`<main class="narrow">
    <div class="box ${options.isBroad ? 'broad' : ''}">
      <div class="top">
        ${options.badge ? badge(options.badge) : MARK}
        <h1>${options.heading}</h1>
        ${options.text === undefined ? '' : html`<p>${options.text}</p>`}
      </div>
      ${options.body ?? ''}
    </div>
  </main>`;
}

function badge(state: 'done' | 'failed'): Html {
  const path = state === 'done' ? 'm1.5 6.4 3 3 6-6.6' : 'm2.2 2.2 7.6 7.6m0-7.6-7.6 7.6';
  return html`<span class="badge ${state === 'done' ? '' : 'no'}">
    <svg viewBox="0 0 12 12" aria-hidden="true">
      <path
        d="${path}"
        fill="none"
        stroke="currentColor"
        stroke-width="1.9"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  </span>`;
}

/** Lucide's, ISC licence. */
const ICONS = {
  fingerprint:
    '<path d="M12 10a2 2 0 0 0-2 2c0 1.02-.1 2.51-.26 4" /><path d="M14 13.12c0 2.38 0 6.38-1 8.88" /><path d="M17.29 21.02c.12-.6.43-2.3.5-3.02" /><path d="M2 12a10 10 0 0 1 18-6" /><path d="M2 16h.01" /><path d="M21.8 16c.2-2 .131-5.354 0-6" /><path d="M5 19.5C5.5 18 6 15 6 12a6 6 0 0 1 .34-2" /><path d="M8.65 22c.21-.66.45-1.32.57-2" /><path d="M9 6.8a6 6 0 0 1 9 5.2v2" />',
  'circle-alert':
    '<circle cx="12" cy="12" r="10" /><line x1="12" x2="12" y1="8" y2="12" /><line x1="12" x2="12.01" y1="16" y2="16" />',
  'triangle-alert':
    '<path d="m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3" /><path d="M12 9v4" /><path d="M12 17h.01" />',
  users:
    '<path d="M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2" /><path d="M16 3.128a4 4 0 0 1 0 7.744" /><path d="M22 21v-2a4 4 0 0 0-3-3.87" /><circle cx="9" cy="7" r="4" />',
  server:
    '<rect width="20" height="8" x="2" y="2" rx="2" ry="2" /><rect width="20" height="8" x="2" y="14" rx="2" ry="2" /><line x1="6" x2="6.01" y1="6" y2="6" /><line x1="6" x2="6.01" y1="18" y2="18" />',
  globe:
    '<circle cx="12" cy="12" r="10" /><path d="M12 2a14.5 14.5 0 0 0 0 20 14.5 14.5 0 0 0 0-20" /><path d="M2 12h20" />',
  key: '<path d="m15.5 7.5 2.3 2.3a1 1 0 0 0 1.4 0l2.1-2.1a1 1 0 0 0 0-1.4L19 4" /><path d="m21 2-9.6 9.6" /><circle cx="7.5" cy="15.5" r="5.5" />',
  'file-text':
    '<path d="M6 22a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h8a2.4 2.4 0 0 1 1.704.706l3.588 3.588A2.4 2.4 0 0 1 20 8v12a2 2 0 0 1-2 2z" /><path d="M14 2v5a1 1 0 0 0 1 1h5" /><path d="M10 9H8" /><path d="M16 13H8" /><path d="M16 17H8" />',
  plus: '<path d="M5 12h14" /><path d="M12 5v14" />',
  download:
    '<path d="M12 15V3" /><path d="M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4" /><path d="m7 10 5 5 5-5" />',
  activity:
    '<path d="M22 12h-2.48a2 2 0 0 0-1.93 1.46l-2.35 8.36a.25.25 0 0 1-.48 0L9.24 2.18a.25.25 0 0 0-.48 0l-2.35 8.36A2 2 0 0 1 4.49 12H2" />',
} as const;

export function icon(name: keyof typeof ICONS, isSmall = false): Html {
  return html`<svg class="icon ${isSmall ? 'small' : ''}" viewBox="0 0 24 24" aria-hidden="true">
    ${raw(ICONS[name])}
  </svg>`;
}

/** Shape before colour: a tick, a diamond, a cross. */
const STATES = {
  done: '<path d="m1.5 6.4 3 3 6-6.6" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round"/>',
  waiting: '<path d="M6 .6 11.4 6 6 11.4.6 6z" fill="currentColor"/>',
  failed:
    '<path d="m2.2 2.2 7.6 7.6m0-7.6-7.6 7.6" stroke="currentColor" stroke-width="1.9" stroke-linecap="round"/>',
  online: '<circle cx="6" cy="6" r="4" fill="currentColor"/>',
  offline: '<circle cx="6" cy="6" r="3.5" fill="none" stroke="currentColor" stroke-width="1.5"/>',
} as const;

/** @param label what it means, in a word */
export function stateIcon(state: keyof typeof STATES, label: string): Html {
  return html`<svg class="state ${state}" viewBox="0 0 12 12" role="img" aria-label="${label}">
    ${raw(STATES[state])}
  </svg>`;
}

/** A sentence about what went wrong, under a field or a form. */
export function wrong(sentence: string | undefined, id?: string): Html {
  if (sentence === undefined) return html``;
  return html`<p class="wrong" role="alert" ${id ? html`id="${id}"` : ''}>
    ${icon('circle-alert', true)}<span>${sentence}</span>
  </p>`;
}

export interface FieldOptions {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password';
  value?: string | undefined;
  autocomplete: string;
  error?: string | undefined;
  hint?: string;
  /** Takes the focus when the page opens. */
  hasFocus?: boolean;
  isOptional?: boolean;
  /** `code` for large letters. */
  look?: string;
  inputmode?: 'numeric' | 'text';
  minLength?: number;
}

/** A labelled input with its hint or error. */
export function field(options: FieldOptions): Html {
  const { name, error, hint } = options;
  const describedBy = error !== undefined || hint !== undefined ? `${name}-hint` : undefined;
  return html`<div class="field">
    <label for="${name}">${options.label}</label>
    <input
      class="input ${options.look ?? ''}"
      id="${name}"
      name="${name}"
      type="${options.type ?? 'text'}"
      autocomplete="${options.autocomplete}"
      autocapitalize="off"
      spellcheck="false"
      maxlength="512"
      ${options.value === undefined ? '' : html`value="${options.value}"`}
      ${options.inputmode ? html`inputmode="${options.inputmode}"` : ''}
      ${options.minLength ? html`minlength="${options.minLength}"` : ''}
      ${options.isOptional ? '' : 'required'}
      ${options.hasFocus ? 'autofocus' : ''}
      ${error === undefined ? '' : html`aria-invalid="true"`}
      ${describedBy ? html`aria-describedby="${describedBy}"` : ''}
    />
    ${
      error === undefined && hint !== undefined
        ? html`<p class="hint" id="${name}-hint">${hint}</p>`
        : wrong(error, `${name}-hint`)
    }
  </div>`;
}

/** The button that a script shows where there are passkeys; it needs one. Passkeys belong to names, never to IP addresses. */
export function passkeyButton(options: {
  publicUrl: string;
  ceremony: 'use' | 'add';
  next: string;
  label: string;
  isMain: boolean;
  /** What the new passkey is called. */
  name?: string;
}): Html {
  const { hostname } = new URL(options.publicUrl);
  if (isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0) return html``;
  return html`<button
      type="button"
      class="button big wide ${options.isMain ? 'main' : ''}"
      data-passkey="${options.ceremony}"
      data-next="${options.next}"
      ${options.name ? html`data-name="${options.name}"` : ''}
      hidden
    >
      ${icon('fingerprint')}${options.label}
    </button>
    <p class="wrong" role="alert" data-passkey-wrong hidden>
      ${icon('circle-alert', true)}<span></span>
    </p>`;
}

/** `22 Nov 14:05 UTC`: the server does not know where its reader is. */
export function timeText(ms: number): Html {
  const date = new Date(ms);
  const text = date.toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'UTC',
  });
  return html`<time class="num" datetime="${date.toISOString()}">${text} UTC</time>`;
}
