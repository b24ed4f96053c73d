import { browser } from 'wxt/browser';
import { z } from 'zod';
import type { HostKeyMemory } from '../protocol/contexts.ts';
import type { HubId } from '../protocol/ids.ts';

/** What this browser knows of the host key of one hub. Public keys only; it outlives sign-ins, as known_hosts does. */
const KnownHostKeys = z.object({
  /** The key that was accepted last, `<type> <base64>`. */
  seen: z.string().optional(),
  /** Fingerprints that a person compared and trusts, whatever else is known. */
  trusted: z.array(z.string()),
});

const Stored = z.record(z.string(), KnownHostKeys);
type Stored = z.infer<typeof Stored>;

const KEY = 'host-keys';

let writing: Promise<unknown> = Promise.resolve();

/** What is known, by hub. */
export async function readHostKeys(): Promise<Stored> {
  return storedOf((await browser.storage.local.get(KEY))[KEY]);
}

/** Calls back with what is known whenever it changes. Returns the way to stop it. */
export function followHostKeys(onChange: (known: Stored) => void): () => void {
  const listener = (changes: Record<string, { newValue?: unknown }>, area: string) => {
    if (area === 'local' && KEY in changes) onChange(storedOf(changes[KEY]?.newValue));
  };
  browser.storage.onChanged.addListener(listener);
  return () => browser.storage.onChanged.removeListener(listener);
}

export async function knownHostKeys(hubId: HubId): Promise<HostKeyMemory> {
  return (await readHostKeys())[hubId] ?? { trusted: [] };
}

/** Remembers the key that a hub has proved to have. Only the background calls this and the next two. */
export function rememberHostKey(hubId: HubId, seen: string): Promise<void> {
  return change(hubId, (known) => ({ ...known, seen }));
}

/** A person compared this key with what the hub printed. An earlier choice no longer holds. */
export function trustHostKey(hubId: HubId, fingerprint: string): Promise<void> {
  return change(hubId, (known) => ({ ...known, trusted: [fingerprint] }));
}

/** Forgets the key that was seen and the one that was trusted. */
export function forgetHostKeys(hubId: HubId): Promise<void> {
  return change(hubId, () => undefined);
}

/** One change after the other: hubs that connect at the same time must not overwrite each other's. */
function change(
  hubId: HubId,
  edit: (known: HostKeyMemory) => HostKeyMemory | undefined,
): Promise<void> {
  const done = writing.then(async () => {
    const { [hubId]: known = { trusted: [] }, ...others } = await readHostKeys();
    const changed = edit(known);
    await browser.storage.local.set({
      [KEY]: changed ? { ...others, [hubId]: changed } : others,
    });
  });
  writing = done.catch(() => undefined);
  return done;
}

function storedOf(stored: unknown): Stored {
  const found = Stored.safeParse(stored);
  return found.success ? found.data : {};
}
