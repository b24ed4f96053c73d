import { beforeEach, expect, test, vi } from 'vitest';
import { fakeBrowser } from 'wxt/testing/fake-browser';
import type { HubId } from '../../protocol/ids.ts';

const HUB = '01ARZ3NDEKTSV4RRFFQ69G5FAV' as HubId;

/** The module as another tab has it: with variables of its own, and the same storage. */
async function inNewTab() {
  vi.resetModules();
  return import('../../lib/hub-memory.ts');
}

beforeEach(() => fakeBrowser.reset());

test('two tabs that change a hub’s memory at once lose nothing of each other', async () => {
  const [one, other] = [await inNewTab(), await inNewTab()];
  await one.changeHubMemory(HUB, () => ({ fontPx: 18 }));
  await Promise.all([
    other.changeHubMemory(HUB, () => ({ tmuxVersion: '3.3a' })),
    one.changeHubMemory(HUB, () => ({ fontPx: undefined })),
  ]);
  expect(await one.readHubMemory(HUB)).toEqual({ tmuxVersion: '3.3a' });
});
