import { afterAll, beforeAll, expect, it } from 'vitest';
import { BrowserKey } from '../../protocol/hubs.ts';
import { joinWithoutNode } from '../server/support/hub.ts';
import { TailscaleNode } from '../server/support/tailscale-node.ts';
import { until } from '../server/support/until.ts';
import { startTestServer, type TestServer } from '../server/support/test-server.ts';

/** Parallel uses of one key. */
const USES = 50;

let test: TestServer;
const nodes = Array.from({ length: USES }, () => new TailscaleNode());

beforeAll(async () => {
  test = await startTestServer();
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await test?.stop();
});

it('50 machines that use one key at once become one node', async () => {
  const alice = await test.signUp('alice@example.test');
  const hub = await test.registerHub(alice);
  await joinWithoutNode(test.services.db, hub.id);
  const path = `/v1/hubs/${hub.id}/browser-key`;
  const key = await test.api.ok(BrowserKey, 'POST', path, { token: alice });
  // Each waits for itself only so long; on a busy machine the one that is let in may run later than that.
  await Promise.allSettled(nodes.map((node) => node.join(key)));
  const states = () => Promise.all(nodes.map(async (node) => (await node.status()).BackendState));
  const running = async () => (await states()).filter((state) => state === 'Running').length;
  await until('one runs', async () => (await running()) === 1, 120_000);
  // Those that were refused go on trying, and each try costs Headscale a bcrypt: it answers nobody else meanwhile.
  await Promise.all(nodes.map((node) => node.kill()));
  const listed = await until('Headscale answers', () =>
    test.services.headscale.listNodes(`hub-${hub.id.toLowerCase()}`).catch(() => undefined),
  );
  expect(listed).toHaveLength(1);
});
