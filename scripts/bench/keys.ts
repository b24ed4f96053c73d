import { BrowserKey } from '../../protocol/hubs.ts';
import type { Stack } from '../stack/start.ts';

/** Mints a key to join a hub's unit, as the extension does. @throws Error when the server refuses */
export async function browserKey(stack: Stack, hub = 0): Promise<BrowserKey> {
  const [account] = stack.info.accounts;
  const id = account?.hubs[hub]?.id;
  if (!account || !id) throw new Error(`invariant: there is no hub ${hub}`);
  const response = await fetch(new URL(`/v1/hubs/${id}/browser-key`, stack.info.serverUrl), {
    method: 'POST',
    headers: { Authorization: `Bearer ${account.accessToken}` },
  });
  if (!response.ok) throw new Error(`browser key: ${response.status} ${await response.text()}`);
  return BrowserKey.parse(await response.json());
}
