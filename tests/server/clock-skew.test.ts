import { afterEach, expect, it } from 'vitest';
import { BrowserKey, HubList } from '../../protocol/hubs.ts';
import { TestHub } from './support/hub.ts';
import { TailscaleNode } from './support/tailscale-node.ts';
import { startTestServer } from './support/test-server.ts';

const MINUTE_MS = 60_000;
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

// Headscale cannot be given another clock: it is linked statically, so libfaketime does not reach it. The server can.
it.each([-10, 10])(
  'with clocks %i minutes apart keys live as long as was said, nodes join, and somebody is told',
  async (minutes) => {
    const clock = () => Date.now() + minutes * MINUTE_MS;
    const test = await startTestServer({ clock });
    cleanups.push(() => test.stop());
    const alice = await test.signUp('alice@example.test');
    const hub = await TestHub.register(test.api, alice, {
      audience: test.server.url,
      nowMs: clock,
    });
    const node = new TailscaleNode();
    cleanups.push(() => node.stop());
    await node.join(() => hub.key());
    expect(await hub.heartbeat(await node.nodeKey())).toEqual([]);

    const path = `/v1/hubs/${hub.id}/browser-key`;
    const key = await test.api.ok(BrowserKey, 'POST', path, { token: alice });
    const saidMs = Date.parse(key.expiresAt) - clock();
    const open = (await test.services.headscale.listKeys()).filter(({ used }) => !used);
    const livesMs = open.map(({ expiration }) => (expiration ?? 0) - clock());
    expect(livesMs).toHaveLength(1);
    expect(Math.abs((livesMs[0] ?? 0) - saidMs)).toBeLessThan(10_000);
    expect(saidMs).toBeGreaterThan(4 * MINUTE_MS);
    await test.server.internals.reconciler.round(); // takes no key for one that ended
    const browser = new TailscaleNode();
    cleanups.push(() => browser.stop());
    await browser.join(key);

    const { hubs } = await test.api.ok(HubList, 'GET', '/v1/hubs', { token: alice });
    expect(hubs).toMatchObject([{ online: true }]);
    const readyz = await test.api.call('GET', '/readyz');
    expect(await readyz.json()).toMatchObject({
      status: 503,
      detail: expect.stringMatching(
        /^The clocks of this server and of Headscale are (599|60[01]) s/,
      ) as string,
      checks: { clock: 'failed', headscale: 'ok' },
    });
  },
);
