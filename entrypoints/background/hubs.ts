import { readState, updateState } from '../../lib/extension-state.ts';
import { readAccount } from '../../lib/account.ts';
import { firstState, forgetLastKnown } from '../../lib/last-known.ts';
import { send } from '../../lib/messaging.ts';
import { readSettings } from '../../lib/settings.ts';
import type {
  ExtensionState,
  Fault,
  HubView,
  OffscreenMessages,
  Result,
} from '../../protocol/contexts.ts';
import type { Hub, HubList } from '../../protocol/hubs.ts';
import type { ShareOffer } from '../../protocol/shares.ts';
import type { HubId } from '../../protocol/ids.ts';
import { authorizedClient, forgetAccess } from './tokens.ts';
import { workerHost } from './worker-host.ts';

/** Reads the hub list from the server and has the worker join, or leave, what changed. */
export async function readHubs(): Promise<Result<Hub[]>> {
  let answer = await askForHubs();
  // Signed out elsewhere while the token still had time: the refresh token tells which.
  if (!answer.ok && answer.error.code === 'unauthorized') {
    await forgetAccess();
    answer = await askForHubs();
  }
  const account = await readAccount();
  if (!answer.ok) {
    await updateState((state) => ({ ...withFault(state, answer.error), account }));
    return answer;
  }
  const { hubs } = answer.value;
  const offers = await askForOffers();
  await updateState(({ serverFault: _, ...state }) => ({
    ...state,
    ...(offers.ok ? { offers: offers.value.offers } : {}),
    account,
    hubsAtMs: Date.now(),
    hubs: hubs.toSorted(byName).map((hub) => viewOf(hub, state.hubs)),
  }));
  return { ok: true, value: hubs };
}

async function askForHubs(): Promise<Result<HubList>> {
  const client = await authorizedClient();
  return client.ok ? client.value.server.hubs() : client;
}

/** Of little weight: when they cannot be read, those that were known stay. */
async function askForOffers(): Promise<Result<{ offers: ShareOffer[] }>> {
  const client = await authorizedClient();
  return client.ok ? client.value.server.offers() : client;
}

/** Reads the list, joins the units, and reads the sessions of every hub that is there. */
export async function refresh(): Promise<Result<null>> {
  const hubs = await readHubs();
  if (!hubs.ok) return hubs;
  await workerHost.ensure();
  await hold();
  const hubIds = hubs.value.filter(({ online }) => online).map(({ id }) => id);
  await askWorker('read-sessions', hubIds);
  return { ok: true, value: null };
}

/** Has the worker join and watch the hubs that are known. One that is being started again asks for that by itself. */
export async function hold(): Promise<void> {
  await send('offscreen', 'hold', await whatToHold()).catch(() => null);
}

/** The hubs to join, in order, and those of them to watch. */
export async function whatToHold(): Promise<OffscreenMessages['hold']['ask']> {
  const [{ hubs }, { unwatchedHubs }] = await Promise.all([readState(), readSettings()]);
  const hubIds = joinOrder(hubs.map(({ hub }) => hub));
  return { hubIds, watch: hubIds.filter((hubId) => !unwatchedHubs.includes(hubId)) };
}

/** Has the worker do something with hubs. One that is being started again asks by itself, and pages ask again soon. */
export async function askWorker(kind: 'read-sessions' | 'rejoin', hubIds: HubId[]): Promise<void> {
  await send('offscreen', kind, { hubIds }).catch(() => null);
}

/** Hubs that are there first; one that never joined has nothing to be joined to. */
function joinOrder(hubs: readonly Hub[]): HubId[] {
  const joined = hubs.filter(({ ip }) => ip !== null);
  return joined.sort((a, b) => Number(b.online) - Number(a.online)).map(({ id }) => id);
}

/** Changes what pages show of one hub. */
export function updateHub(hubId: HubId, change: (view: HubView) => HubView): Promise<void> {
  return updateState((state) => ({
    ...state,
    hubs: state.hubs.map((view) => (view.hub.id === hubId ? change(view) : view)),
  }));
}

/** A hub as the netmap has it: the server's list is some seconds older. */
export function withOnline(hub: Hub, online: boolean, lastSeenMs: number | undefined): Hub {
  const lastSeenAt = lastSeenMs === undefined ? hub.lastSeenAt : new Date(lastSeenMs).toISOString();
  return { ...hub, online, lastSeenAt };
}

/** Begins with what was known last, when the browser or the extension was started. */
export function recallHubs(): Promise<void> {
  return updateState(firstState);
}

/** Forgets everything about the account but what `storage.local` keeps of its sign-in. */
export async function forgetHubs(): Promise<void> {
  await forgetLastKnown();
  const account = await readAccount();
  await updateState(() => ({ account, hubs: [] }));
}

/** Nothing is watched any more: the worker ended. */
export function forgetWatches(): Promise<void> {
  return updateState((state) => ({
    ...state,
    hubs: state.hubs.map(({ isWatched: _, ...view }) => view),
  }));
}

/** `build-2` stands before `build-10`. */
function byName(a: Hub, b: Hub): number {
  return a.name.localeCompare(b.name, undefined, { numeric: true });
}

function viewOf(hub: Hub, before: readonly HubView[]): HubView {
  const view = before.find((known) => known.hub.id === hub.id);
  return view ? { ...view, hub } : { hub, unit: { kind: 'off' }, sessions: [] };
}

function withFault(state: ExtensionState, fault: Fault): ExtensionState {
  return {
    ...state,
    serverFault: { ...fault, sinceMs: state.serverFault?.sinceMs ?? Date.now() },
  };
}
