import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BrowserKey, BrowserNodeList, HubList } from '../../protocol/hubs.ts';
import { ServerInfo } from '../../protocol/server-info.ts';
import { parseConfig } from '../../server/config.ts';
import { startHeadscale, type RunningHeadscale } from '../../server/headscale/start-headscale.ts';
import { newDataDirectory } from './support/database.ts';
import type { TestHub } from './support/hub.ts';
import { requireBinary, TailscaleNode } from './support/tailscale-node.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

// One server with two Headscales, a hub on each, and a life from top to bottom.
const nodes: TailscaleNode[] = [];
const directories: string[] = [];
let second: RunningHeadscale;
let test: TestServer;
let alice: string;
let bob: string;
let hubs: { alice: TestHub; bob: TestHub };
let machines: { alice: TailscaleNode; bob: TailscaleNode };

async function startSecond(dataDir: string, listen: string): Promise<RunningHeadscale> {
  const config = parseConfig({
    dataDir,
    headscale: { listen, binary: requireBinary('headscale') },
  });
  return startHeadscale(config, { log: () => {}, clock: Date.now });
}

async function live(token: string): Promise<[TestHub, TailscaleNode]> {
  const hub = await test.registerHub(token);
  const node = await joined(() => hub.key());
  expect(await hub.heartbeat(await node.nodeKey())).toEqual([]);
  return [hub, node];
}

async function joined(key: Parameters<TailscaleNode['join']>[0]): Promise<TailscaleNode> {
  const node = new TailscaleNode();
  nodes.push(node);
  await node.join(key);
  return node;
}

const keyOf = (hub: TestHub, token: string) =>
  test.api.ok(BrowserKey, 'POST', `/v1/hubs/${hub.id}/browser-key`, { token });
const listOf = (token: string) => test.api.ok(HubList, 'GET', '/v1/hubs', { token });
const readyz = async () => (await test.api.call('GET', '/readyz')).json() as Promise<unknown>;

beforeAll(async () => {
  const [dataDir, secondDir] = [await newDataDirectory('shards'), await newDataDirectory('second')];
  directories.push(dataDir, secondDir);
  second = await startSecond(secondDir, '127.0.0.1:0');
  test = await startTestServer({
    dataDir,
    headscale: { hubs: 1 },
    shards: [
      {
        id: 'b',
        url: second.publicUrl,
        apiKeyFile: join(secondDir, 'headscale', 'api-key'),
        hubs: 1,
      },
    ],
  });
  [alice, bob] = [await test.signUp('alice@example.test'), await test.signUp('bob@example.test')];
  const [own, other] = [await live(alice), await live(bob)];
  hubs = { alice: own[0], bob: other[0] };
  machines = { alice: own[1], bob: other[1] };
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await test?.stop();
  await second?.stop();
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

it('hubs are spread, and each is online on the Headscale that it was sent to', async () => {
  const rows = await test.services.db.selectFrom('hubs').select(['id', 'shard_id']).execute();
  expect(Object.fromEntries(rows.map((row) => [row.id, row.shard_id]))).toEqual({
    [hubs.alice.id]: 'default',
    [hubs.bob.id]: 'b',
  });
  for (const token of [alice, bob]) {
    const list = await until('the list is fresh', async () => {
      const answer = await listOf(token);
      return answer.staleSince === null && answer;
    });
    expect(list).toMatchObject({ hubs: [{ online: true }] });
  }
  const [own, other] = [await keyOf(hubs.alice, alice), await keyOf(hubs.bob, bob)];
  expect([own.controlUrl, other.controlUrl]).toEqual([test.server.headscaleUrl, second.publicUrl]);
  const { controlUrls } = await test.api.ok(ServerInfo, 'GET', '/v1/server');
  expect(controlUrls).toEqual([test.server.headscaleUrl, second.publicUrl]);
  expect(await readyz()).toMatchObject({ status: 'ready', checks: { headscale: 'ok' } });
});

it('when both are full, one more hub is refused before anybody prepares a machine', async () => {
  const carol = await test.signUp('carol@example.test');
  const problem = await test.api.problem('POST', '/v1/hubs/join-tokens', { token: carol });
  expect(problem.code).toBe('conflict');
  expect(problem.detail).toMatch(/^This server holds 2 hubs, as many as it may/);
});

it('a browser on the second is listed, removed and cut like any other', async () => {
  await joined(() => keyOf(hubs.bob, bob));
  await until('the hub sees it', async () => (await machines.bob.peers()).length === 1);
  const path = `/v1/hubs/${hubs.bob.id}/browsers`;
  const [listed] = await until('it is listed', async () => {
    const { browsers } = await test.api.ok(BrowserNodeList, 'GET', path, { token: bob });
    return browsers.length > 0 && browsers;
  });
  expect(listed?.nodeId).toMatch(/^b\.\d+$/);
  const removed = await test.api.call('DELETE', `${path}/${listed?.nodeId}`, { token: bob });
  expect(removed.status).toBe(204);
  await until('the hub lost it', async () => (await machines.bob.peers()).length === 0);
  const left = await second.client.listNodes(`hub-${hubs.bob.id.toLowerCase()}`);
  expect(left.map(({ preAuthKey }) => preAuthKey?.ephemeral)).toEqual([false]);
});

it('with one away the other works, and what is to be cut there is cut', async () => {
  const address = new URL(second.publicUrl).host;
  const [, secondDir = ''] = directories;
  await joined(() => keyOf(hubs.alice, alice));
  await until('the hub sees it', async () => (await machines.alice.peers()).length === 1);
  await second.stop();

  expect(await keyOf(hubs.alice, alice)).toMatchObject({ controlUrl: test.server.headscaleUrl });
  await until('the other list is fresh', async () => (await listOf(alice)).staleSince === null);
  expect(await listOf(alice)).toMatchObject({ hubs: [{ online: true }] });
  const path = `/v1/hubs/${hubs.bob.id}/browser-key`;
  expect((await test.api.problem('POST', path, { token: bob })).code).toBe('headscale-unavailable');
  await until('it is known to be away', async () => (await listOf(bob)).staleSince !== null);
  expect(await readyz()).toMatchObject({
    status: 'ready',
    reason: expect.stringMatching(/^b: Headscale does not answer/) as string,
  });
  const metrics = async () => (await test.api.call('GET', '/metrics')).text();
  expect(await metrics()).toContain('hubtab_headscale_ready{shard="default"} 1');
  // An open gate is looked at every 20 s.
  await until(
    'the metric says so',
    async () => (await metrics()).includes('hubtab_headscale_ready{shard="b"} 0'),
    40_000,
  );

  const [account] = (await test.services.identity.listUsers()).filter(({ email }) =>
    email.startsWith('alice'),
  );
  await test.services.access.signOutEverywhere(account?.id ?? '');
  await until('the browser is cut', async () => (await machines.alice.peers()).length === 0);
  const deleted = await test.api.call('DELETE', `/v1/hubs/${hubs.bob.id}`, { token: bob });
  expect(deleted.status).toBe(204); // the intent; its Headscale hears of it later

  second = await startSecond(secondDir, address);
  await until(
    'its reconciler took the unit away',
    async () => {
      const rows = await test.services.db.selectFrom('hubs').select(['id', 'state']).execute();
      return rows.find(({ id }) => id === hubs.bob.id)?.state === 'deleted';
    },
    40_000,
  );
  const users = await second.client.listUsers();
  expect(users.map(({ name }) => name)).not.toContain(`hub-${hubs.bob.id.toLowerCase()}`);
});

it('a shard that still has hubs cannot be left out', async () => {
  await test.registerHub(await test.signInAgain('bob@example.test'));
  await test.server.stop();
  await expect(startTestServer({ dataDir: directories[0] ?? '' })).rejects.toThrow(
    'shards: 1 hubs are on b, which is not there any more',
  );
});
