import { afterAll, beforeAll, expect, it } from 'vitest';
import { BrowserKey } from '../../protocol/hubs.ts';
import { TestHub } from '../server/support/hub.ts';
import { startTestServer, type TestServer } from '../server/support/test-server.ts';
import { dieAtEveryStep } from '../server/support/world.ts';

// The server dies at each step of each thing that changes Headscale; see tests/server/support/world.ts for what must
// hold afterwards.

let test: TestServer;
let alice: string;

beforeAll(async () => {
  test = await startTestServer();
  alice = await test.signUp('alice@example.test');
});

afterAll(() => test?.stop());

async function joinedHub(): Promise<TestHub> {
  const hub = await test.registerHub(alice);
  await test.services.db
    .updateTable('hubs')
    .set({ node_id: '999', node_key: 'nodekey:00', node_ip: '100.64.0.9', host_keys: '["a b"]' })
    .where('id', '=', hub.id)
    .execute();
  return hub;
}

it('making a browser key', async () => {
  const path = `/v1/hubs/${(await joinedHub()).id}/browser-key`;
  const deaths = await dieAtEveryStep(test, (api) =>
    api.ok(BrowserKey, 'POST', path, { token: alice }),
  );
  expect(deaths).toBeGreaterThan(8);
});

it('registering a hub and making its key', async () => {
  const deaths = await dieAtEveryStep(test, async (api) => {
    const hub = await TestHub.register(api, alice, { audience: test.server.url });
    await hub.key();
  });
  expect(deaths).toBeGreaterThan(16);
});

it('deleting a hub', async () => {
  let hub = await joinedHub();
  await hub.key();
  const deaths = await dieAtEveryStep(test, async (api) => {
    // The hub of the round before is gone when its death came late enough.
    const isThere = await test.api.call('GET', `/v1/hubs/${hub.id}`, { token: alice });
    if (!isThere.ok) {
      hub = await joinedHub();
      await hub.key();
    }
    const answer = await api.call('DELETE', `/v1/hubs/${hub.id}`, { token: alice });
    if (answer.status !== 204) throw new Error(`delete: ${answer.status}`);
  });
  expect(deaths).toBeGreaterThan(10);
});
