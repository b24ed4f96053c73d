import { browser } from 'wxt/browser';
import { z } from 'zod';

const KEY = 'instance';

const Stored = z.object({ serverUrl: z.string(), name: z.string() });

let naming: Promise<unknown> = Promise.resolve();

/**
 * The random name of this browser profile for one server, by which it knows what a restart left behind. No secret, and
 * another one for every server, so that two servers cannot tell that they speak to the same browser.
 */
export function instanceFor(serverUrl: string): Promise<string> {
  // One after the other: units that join at the same time must not make two names.
  const named = naming.then(() => readOrMake(serverUrl));
  naming = named.catch(() => undefined);
  return named;
}

async function readOrMake(serverUrl: string): Promise<string> {
  const found = Stored.safeParse((await browser.storage.local.get(KEY))[KEY]);
  if (found.success && found.data.serverUrl === serverUrl) return found.data.name;
  const name = crypto.randomUUID();
  await browser.storage.local.set({ [KEY]: { serverUrl, name } });
  return name;
}
