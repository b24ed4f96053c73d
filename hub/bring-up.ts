import { EXIT } from './exit-codes.ts';
import { loadHubKey } from './hub-key.ts';
import { writeHubFile } from './hub-file.ts';
import { HubRemovedError, HubtabError, KeySpentError, ServerRefusal } from './hubtab-error.ts';
import { leave } from './leave.ts';
import { beat } from './heartbeat.ts';
import { requestHubToken, requestKey } from './server-client.ts';
import { ensureTmuxServer } from './tmux-server.ts';
import { waitUntil } from './wait-until.ts';
import type { HubKey } from '../protocol/hub-registration.ts';
import type { HubFile } from './hub-file.ts';
import type { HubSetup } from './hub-setup.ts';
import type { TailscaleStatus } from './tailscaled.ts';

/** A node that knows its key leaves NoState in under a second when Headscale answers. */
const SETTLE_DEADLINE_MS = 15_000;
/** The first netmap took 5 s on two busy cores, most of it the probe of the relay. */
const ONLINE_DEADLINE_MS = 60_000;
/** Keys that one run may find spent: on a busy machine two in a row happen, three mean that somebody else uses them. */
const KEYS_TRIED = 3;

/**
 * Brings a registered hub to the state "online and known to the server", from whatever state an earlier run left.
 * Every step looks before it acts, so running it again changes nothing.
 *
 * @throws HubRemovedError if the owner has removed the hub
 * @throws HubtabError; what was reached stays, and the next run goes on from there.
 */
export async function bringUp(setup: HubSetup, hub: HubFile): Promise<TailscaleStatus> {
  await ensureTmuxServer(setup.tmux, setup.context.env);
  const token = await hubToken(setup, hub);
  let joined = await ensureNode(setup, hub, token);
  let status = await waitUntilOnline(setup, joined);
  let orders = await beat(setup, joined, token, status);
  if (orders.includes('rejoin')) {
    setup.context.say('The server asks this hub to register its node again.');
    // --force-reauth also where tailscaled still believes in its old node: it does not notice that the node was deleted.
    joined = await joinNode(setup, joined, token, true);
    status = await waitUntilOnline(setup, joined);
    orders = await beat(setup, joined, token, status);
  }
  if (!orders.includes('leave')) return status;
  await leave(setup.context, setup.paths, setup.tailscaled);
  throw new HubRemovedError(
    `the owner has removed this hub from ${hub.serverUrl}, so it has left. Join again with a new token.`,
  );
}

async function hubToken(setup: HubSetup, hub: HubFile): Promise<string> {
  const key = loadHubKey(setup.paths.keyFile);
  if (!key) {
    throw new HubtabError(
      EXIT.notJoined,
      `the hub's key is missing (${setup.paths.keyFile}). Run \`hubtab hub leave\`, then join again with a new token.`,
    );
  }
  return (await requestHubToken(hub, key)).token;
}

/** Starts tailscaled, and registers its node if it has none that it knows of. */
async function ensureNode(setup: HubSetup, hub: HubFile, token: string): Promise<HubFile> {
  if (hub.controlUrl !== undefined) {
    await setup.tailscaled.start(hub.controlUrl);
    const state = (await settledStatus(setup))?.backendState;
    if (state === 'Running' || state === 'Starting') return hub;
    if (state === 'Stopped' && hub.hostname !== undefined) {
      await setup.tailscaled.up({ controlUrl: hub.controlUrl, hostname: hub.hostname });
      return hub;
    }
  }
  return joinNode(setup, hub, token, false);
}

async function nodeKey(hub: HubFile, token: string): Promise<HubKey> {
  try {
    return await requestKey(hub.serverUrl, token);
  } catch (error) {
    if (!(error instanceof ServerRefusal) || error.code !== 'not-found') throw error;
    // Said by the one route that every server has for every hub, so it is the hub that is not found.
    throw new HubRemovedError(error.message, { cause: error });
  }
}

/** Written before the key is used: a run that is killed now finds tailscaled's address again. */
function rememberKey(setup: HubSetup, hub: HubFile, key: HubKey): HubFile {
  const joined = { ...hub, controlUrl: key.controlUrl, hostname: key.hostname };
  writeHubFile(setup.paths, joined);
  return joined;
}

/** Registers the node with a fresh key. @returns the hub with what the key came with */
async function joinNode(
  setup: HubSetup,
  hub: HubFile,
  token: string,
  forceReauth: boolean,
): Promise<HubFile> {
  for (let tries = 1; ; tries += 1)
    try {
      return await joinOnce(setup, hub, token, forceReauth);
    } catch (error) {
      // `tailscale up` logs in as it starts, and again because it is told to. When the first login reaches Headscale before
      // it is called off, the second finds the key spent. Another key mends that.
      if (!(error instanceof KeySpentError) || tries === KEYS_TRIED) throw error;
      setup.context.say('The key was spent by a login that was cut short. Asking for another …');
    }
}

async function joinOnce(
  setup: HubSetup,
  hub: HubFile,
  token: string,
  forceReauth: boolean,
): Promise<HubFile> {
  const key = await nodeKey(hub, token);
  const joined = rememberKey(setup, hub, key);
  // Its environment depends on the address, which may have changed.
  if (![undefined, joined.controlUrl].includes(hub.controlUrl)) await setup.tailscaled.stop();
  await setup.tailscaled.start(key.controlUrl);
  setup.context.say('Joining the private network …');
  await setup.tailscaled.up({ ...key, forceReauth });
  return joined;
}

/** Status once tailscaled knows whether it needs to log in. */
function settledStatus(setup: HubSetup): Promise<TailscaleStatus | undefined> {
  return waitUntil(async () => {
    const status = await setup.tailscaled.status();
    const isUndecided = !status || ['NoState', 'Starting'].includes(status.backendState);
    return isUndecided ? undefined : status;
  }, SETTLE_DEADLINE_MS).then((settled) => settled ?? setup.tailscaled.status());
}

async function waitUntilOnline(setup: HubSetup, hub: HubFile): Promise<TailscaleStatus> {
  const status = await waitUntil(async () => {
    const now = await setup.tailscaled.status();
    const isOnline = now?.backendState === 'Running' && now.online && now.ips.length > 0;
    return isOnline && (await setup.tailscaled.hostKeys()).length > 0 ? now : undefined;
  }, ONLINE_DEADLINE_MS);
  if (status) return status;
  const last = (await setup.tailscaled.status())?.backendState ?? 'not running';
  throw new HubtabError(
    EXIT.network,
    `this machine did not come online within ${ONLINE_DEADLINE_MS / 1000} s (tailscaled is in state ${last}). Check that ${hub.controlUrl ?? 'the coordination server'} can be reached from here; details are in ${setup.paths.tailscaledLogFile}.`,
  );
}
