import { z } from 'zod';
import { browser } from 'wxt/browser';
import type { HubId } from '../protocol/ids.ts';
import { FONT_PX } from './settings-table.ts';

/** What this browser remembers of one hub, for its terminals. */
const HubMemory = z.object({
  /** CSS px; unset for the usual size. */
  fontPx: z.number().min(FONT_PX.min).max(FONT_PX.max).optional().catch(undefined),
  /** Whether programs there may put text on the clipboard; unset until somebody was asked. */
  clipboard: z.enum(['allow', 'refuse']).optional().catch(undefined),
  /** As the hub's tmux last said it: terminals count widths like it from the first character on. */
  tmuxVersion: z.string().max(40).optional().catch(undefined),
});
export type HubMemory = z.infer<typeof HubMemory>;

const keyOf = (hubId: HubId) => `hub:${hubId}`;

export async function readHubMemory(hubId: HubId): Promise<HubMemory> {
  return memoryOf((await browser.storage.local.get(keyOf(hubId)))[keyOf(hubId)]);
}

type Change = { [K in keyof HubMemory]?: HubMemory[K] | undefined };

/** Changes some of it and keeps the rest, one change after the other over all tabs; `undefined` forgets. */
export async function changeHubMemory(
  hubId: HubId,
  change: (memory: HubMemory) => Change,
): Promise<void> {
  await navigator.locks.request(keyOf(hubId), async () => {
    const memory = await readHubMemory(hubId);
    await browser.storage.local.set({ [keyOf(hubId)]: { ...memory, ...change(memory) } });
  });
}

/** Calls back after every change, whichever tab made it. Returns the way to stop it. */
export function followHubMemory(hubId: HubId, onMemory: (choices: HubMemory) => void): () => void {
  const listener = (changes: Record<string, { newValue?: unknown }>, area: string) => {
    if (area === 'local' && keyOf(hubId) in changes)
      onMemory(memoryOf(changes[keyOf(hubId)]?.newValue));
  };
  browser.storage.onChanged.addListener(listener);
  return () => browser.storage.onChanged.removeListener(listener);
}

function memoryOf(stored: unknown): HubMemory {
  return HubMemory.parse(typeof stored === 'object' && stored !== null ? stored : {});
}
