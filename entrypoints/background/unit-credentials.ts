import { browser } from 'wxt/browser';
import { knownHostKeys } from '../../lib/host-keys.ts';
import type { HostKeyMemory, Result, UnitCredentials } from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';
import { instanceFor } from './instance.ts';
import { authorizedClient } from './tokens.ts';

const keyOf = (hubId: HubId) => `unit:${hubId}`;

/**
 * What the worker needs to join a unit: the mirrored identity of the live node, else a fresh one-use key. Identities live
 * in `storage.session` only: memory, gone with the browser. What is known of the hub's host key comes along.
 * @param fresh forgets the mirrored identity: its node no longer exists
 */
export async function unitCredentials(
  hubId: HubId,
  fresh: boolean,
): Promise<Result<UnitCredentials & { hostKeys: HostKeyMemory }>> {
  const credentials = await storedOrMinted(hubId, fresh);
  if (!credentials.ok) return credentials;
  return { ok: true, value: { ...credentials.value, hostKeys: await knownHostKeys(hubId) } };
}

async function storedOrMinted(hubId: HubId, fresh: boolean): Promise<Result<UnitCredentials>> {
  const key = keyOf(hubId);
  const stored = (await browser.storage.session.get(key))[key] as UnitCredentials | undefined;
  if (stored?.state && !fresh) return { ok: true, value: stored };
  const client = await authorizedClient();
  if (!client.ok) return client;
  const { server, serverUrl } = client.value;
  const minted = await server.browserKey(hubId, { instance: await instanceFor(serverUrl) });
  if (!minted.ok) {
    const { code, detail } = minted.error;
    if (code !== 'not-found') return minted;
    return { ok: false, error: { code: 'hub-removed', detail } };
  }
  const { authKey, controlUrl, hostname, hub } = minted.value;
  // The key itself is not stored: it works once.
  await browser.storage.session.set({ [key]: { controlUrl, hostname, hub } });
  return { ok: true, value: { controlUrl, hostname, hub, authKey } };
}

/** Mirrors a node's identity; an empty one forgets it. */
export async function keepUnitBytes(hubId: HubId, state: string): Promise<null> {
  const key = keyOf(hubId);
  const stored = (await browser.storage.session.get(key))[key] as UnitCredentials | undefined;
  if (state === '') await browser.storage.session.remove(key);
  else if (stored) await browser.storage.session.set({ [key]: { ...stored, state } });
  return null;
}
