import { afterAll, beforeAll, expect, it } from 'vitest';
import { BrowserKey } from '../../protocol/hubs.ts';
import { joinWithoutNode } from './support/hub.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let test: TestServer;
let alice: string;
let hubId: string;
let passedMs = 0;
const clock = () => Date.now() + passedMs;

beforeAll(async () => {
  test = await startTestServer({ clock });
  alice = await test.signUp('alice@example.test');
  const hub = await test.registerHub(alice);
  await joinWithoutNode(test.services.db, hub.id);
  hubId = hub.id;
});

afterAll(() => test?.stop());

function ask(idempotencyKey: string, body?: unknown, server = test) {
  return server.api.call('POST', `/v1/hubs/${hubId}/browser-key`, {
    token: alice,
    headers: { 'idempotency-key': idempotencyKey },
    ...(body === undefined ? {} : { body }),
  });
}

async function keyFrom(response: Response): Promise<string> {
  return BrowserKey.parse(await response.json()).authKey;
}

it('50 requests at once with one Idempotency-Key make one key', async () => {
  const before = (await test.services.headscale.listKeys()).length;
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask('fifty')));
  const keys = new Set(await Promise.all(answers.map(keyFrom)));
  expect(keys.size).toBe(1);
  expect(await test.services.headscale.listKeys()).toHaveLength(before + 1);
});

it('another body with the same Idempotency-Key is refused, at once and later', async () => {
  const answers = await Promise.all([ask('body', { a: 1 }), ask('body', { a: 2 })]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
  const later = await ask('body', { a: 3 });
  expect(await later.json()).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
});

it('the same Idempotency-Key of another account is another request', async () => {
  const bob = await test.signUp('bob@example.test');
  const hub = await test.registerHub(bob);
  await joinWithoutNode(test.services.db, hub.id);
  const own = await ask('shared');
  const other = await test.api.call('POST', `/v1/hubs/${hub.id}/browser-key`, {
    token: bob,
    headers: { 'idempotency-key': 'shared' },
  });
  expect(await keyFrom(other)).not.toBe(await keyFrom(own));
});

it('the key is repeated for two minutes, and after them there is a new one', async () => {
  const first = await keyFrom(await ask('lapse'));
  passedMs += 119_000;
  expect(await keyFrom(await ask('lapse'))).toBe(first);
  passedMs += 2000;
  expect(await keyFrom(await ask('lapse'))).not.toBe(first);
});

it('the key rests encrypted, is repeated by the server after a restart, and is dropped', async () => {
  const first = await keyFrom(await ask('rest'));
  const rows = await test.services.db.selectFrom('kept_answers').selectAll().execute();
  expect(rows.filter(({ sealed }) => sealed !== null)).not.toEqual([]);
  expect(JSON.stringify(rows)).not.toContain('hskey-auth');
  await test.server.stop();
  const again = await startTestServer({ clock, dataDir: test.dataDir });
  try {
    alice = again.door.mintAccessToken((await again.services.identity.listUsers())[0]?.id ?? '');
    expect(await keyFrom(await ask('rest', undefined, again))).toBe(first);
    passedMs += 121_000;
    await again.services.maintenance.reconcile();
    expect(await again.services.db.selectFrom('kept_answers').selectAll().execute()).toEqual([]);
  } finally {
    await again.stop();
  }
});

it('a request that failed may be repeated', async () => {
  const again = await startTestServer({ clock });
  try {
    const token = await again.signUp('alice@example.test');
    const hub = await again.registerHub(token);
    const path = `/v1/hubs/${hub.id}/browser-key`;
    const options = { token, headers: { 'idempotency-key': 'failed' } };
    expect((await again.api.problem('POST', path, options)).code).toBe('hub-not-joined');
    await joinWithoutNode(again.services.db, hub.id);
    await again.api.ok(BrowserKey, 'POST', path, options);
  } finally {
    await again.stop();
  }
});
