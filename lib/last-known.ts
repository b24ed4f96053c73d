import { browser } from 'wxt/browser';
import type { ExtensionState, HubView } from '../protocol/contexts.ts';
import type { Session } from '../protocol/sessions.ts';
import { readAccount, readStoredAccount } from './account.ts';

const KEY = 'last-known';

/** Of what is stored; what another build wrote in another form is not read. */
const FORMAT = 1;

interface LastKnown {
  format: typeof FORMAT;
  /** Whose hubs they are. */
  serverUrl: string;
  email: string;
  hubsAtMs: number;
  hubs: HubView[];
}

/** The state of a browser that was just started: its hubs as they were known last, and marked so. */
export async function firstState(): Promise<ExtensionState> {
  const [account, stored] = await Promise.all([readAccount(), browser.storage.local.get(KEY)]);
  const known = stored[KEY] as Partial<LastKnown> | undefined;
  const isOurs =
    known?.format === FORMAT &&
    account.kind === 'signed-in' &&
    known.serverUrl === account.serverUrl &&
    known.email === account.email;
  if (!isOurs || !known.hubs || known.hubsAtMs === undefined) return { account, hubs: [] };
  return { account, hubs: known.hubs, hubsAtMs: known.hubsAtMs };
}

let writing: Promise<unknown> = Promise.resolve();
let written = '';

/**
 * Keeps the hubs for {@link firstState}. On disk comes what the server knows as well, names and states; no title, question
 * or program, and nothing at all of a sign-in that ends with the browser. Only the background calls it.
 */
export function keepLastKnown({ account, hubs, hubsAtMs }: ExtensionState): Promise<unknown> {
  if (account.kind !== 'signed-in' || hubsAtMs === undefined) return writing;
  const { serverUrl, email } = account;
  const kept = hubs.map(keptView);
  const key = JSON.stringify([serverUrl, email, kept.map(coarse)]);
  if (key === written) return writing;
  written = key;
  writing = writing
    .then(async () => {
      if ((await readStoredAccount())?.isForgotten) return;
      const known: LastKnown = { format: FORMAT, serverUrl, email, hubsAtMs, hubs: kept };
      await browser.storage.local.set({ [KEY]: known });
    })
    .catch((error: unknown) => console.error('last-known', error)); // a full disk costs a list, no more
  return writing;
}

/** Forgets them: somebody signed out. */
export function forgetLastKnown(): Promise<unknown> {
  written = '';
  writing = writing.then(() => browser.storage.local.remove(KEY)).catch(() => undefined);
  return writing;
}

function keptView({ hub, sessions, sessionsAtMs }: HubView): HubView {
  const { sessions: _, ...rest } = hub;
  return {
    hub: { ...rest, shares: [], notices: [] },
    unit: { kind: 'off' },
    sessions: sessions.map(keptSession),
    isRecalled: true,
    ...(sessionsAtMs === undefined ? {} : { sessionsAtMs }),
  };
}

function keptSession({ id, name, createdAtMs, state, stateSinceMs, agent }: Session): Session {
  return {
    id,
    name,
    createdAtMs,
    state,
    title: '',
    program: '',
    attachedClients: 0,
    size: { cols: 0, rows: 0 },
    activityAtMs: stateSinceMs ?? createdAtMs,
    ...(stateSinceMs === undefined ? {} : { stateSinceMs }),
    ...(agent ? { agent } : {}),
  };
}

/** Times to the minute: lists come every few seconds where programs change their titles. */
function coarse({ sessionsAtMs = 0, hub, ...view }: HubView): object {
  const { lastSeenAt: _, ...rest } = hub;
  return { ...view, hub: rest, minute: Math.floor(sessionsAtMs / 60_000) };
}
