import { expect, it } from 'vitest';
import type { BackgroundMessages } from '../../protocol/contexts.ts';
import { HubId } from '../../protocol/ids.ts';
import { FaultError } from '../../entrypoints/offscreen/faults.ts';
import type { PathWatch } from '../../entrypoints/offscreen/path-watch.ts';
import { Units, type AskBackground } from '../../entrypoints/offscreen/units.ts';
import type { TailnetClient } from '../../wasm/node.d.ts';

const HUB = HubId.parse('01JDB0M1Q0ZZZZZZZZZZZZZZZZ');

// Headscale deletes a node between its registration and its first poll only by a race of its own (headscale #3423).
it.each(['node-deleted', 'key-refused'] as const)(
  'a browser whose nodes are gone before they are used asks for one more key, then says why: %s',
  async (code) => {
    const asked: unknown[] = [];
    const ask = ((kind: keyof BackgroundMessages, about: unknown) => {
      if (kind !== 'unit-credentials') return Promise.resolve(null);
      asked.push(about);
      const hub = { nodeKey: 'nodekey:00', hostKeys: [] };
      const value = {
        controlUrl: 'http://127.0.0.1:1',
        hostname: 'browser',
        hub,
        authKey: 'key',
        hostKeys: { trusted: [] },
      };
      return Promise.resolve({ ok: true, value });
    }) as AskBackground;
    const client = {
      join: () => Promise.reject(new FaultError({ code, detail: 'gone before its first poll' })),
    } as unknown as TailnetClient;
    const units = new Units(Promise.resolve(client), ask, {} as PathWatch);
    await expect(units.get(HUB)).rejects.toMatchObject({ fault: { code } });
    expect(asked).toEqual([
      { hubId: HUB, fresh: false },
      { hubId: HUB, fresh: true },
    ]);
  },
);
