import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXTENSION_SCOPES } from '../../protocol/account.ts';
import { BrowserKey, BrowserNodeList, Share } from '../../protocol/hubs.ts';
import { joinWithoutNode, type TestHub } from './support/hub.ts';
import { TailscaleNode } from './support/tailscale-node.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

let test: TestServer;
let alice: string;
let bob: string;
const nodes: TailscaleNode[] = [];

beforeAll(async () => {
  test = await startTestServer();
  [alice, bob] = [await signIn('alice@example.test'), await signIn('bob@example.test')];
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await test?.stop();
});

/** A new sign-in, as a browser has it. */
async function signIn(email: string): Promise<string> {
  const { identity } = test.services;
  if (!(await identity.findUserByEmail(email))) await test.door.createAccount(email);
  const account = await identity.findUserByEmail(email);
  return (await identity.issueTokens(account?.id ?? '', EXTENSION_SCOPES)).access_token;
}

function newNode(): TailscaleNode {
  const node = new TailscaleNode();
  nodes.push(node);
  return node;
}

function keyOf(hub: TestHub, token: string): Promise<BrowserKey> {
  return test.api.ok(BrowserKey, 'POST', `/v1/hubs/${hub.id}/browser-key`, { token });
}

async function share(hub: TestHub): Promise<string> {
  const body = { email: 'bob@example.test' };
  const path = `/v1/hubs/${hub.id}/shares`;
  const { id } = await test.api.ok(Share, 'POST', path, { token: alice, body });
  expect((await test.api.call('POST', `/v1/shares/${id}/accept`, { token: bob })).status).toBe(200);
  return id;
}

async function browsersOf(hub: TestHub, token: string) {
  const path = `/v1/hubs/${hub.id}/browsers`;
  return (await test.api.ok(BrowserNodeList, 'GET', path, { token })).browsers;
}

async function deletes(path: string, token: string): Promise<void> {
  expect((await test.api.call('DELETE', path, { token })).status).toBe(204);
}

/** Keys that somebody could still join the unit with. */
async function openKeys(hub: TestHub): Promise<number> {
  const keys = await test.services.headscale.listKeys();
  const unit = `hub-${hub.id.toLowerCase()}`;
  return keys.filter(
    (key) => key.user?.name === unit && !key.used && (key.expiration ?? 0) > Date.now(),
  ).length;
}

it('the end of a share, and of a sign-in, cuts the browsers it let in, and no others', async () => {
  const hub = await test.registerHub(alice);
  const [hubNode, kept, removed, guest] = [newNode(), newNode(), newNode(), newNode()];
  await hubNode.join(() => hub.key());
  expect(await hub.heartbeat(await hubNode.nodeKey())).toEqual([]);
  const shareId = await share(hub);
  const laptop = await signIn('alice@example.test');
  const unused = { guest: await keyOf(hub, bob), laptop: await keyOf(hub, laptop) };
  await Promise.all([
    kept.join(() => keyOf(hub, alice)),
    removed.join(() => keyOf(hub, laptop)),
    guest.join(() => keyOf(hub, bob)),
  ]);
  await until('the hub sees all', async () => (await hubNode.peers()).length === 3);

  // A guest sees, and removes, only their own.
  test.services.directory.invalidate();
  expect((await browsersOf(hub, bob)).map(({ account }) => account)).toEqual(['bob@example.test']);
  const seen = await browsersOf(hub, alice);
  expect(seen.map(({ account }) => account).sort()).toEqual([
    'alice@example.test',
    'alice@example.test',
    'bob@example.test',
  ]);
  for (const { account, nodeId } of seen) {
    if (account === 'bob@example.test') continue;
    const path = `/v1/hubs/${hub.id}/browsers/${nodeId}`;
    expect((await test.api.call('DELETE', path, { token: bob })).status).toBe(404);
  }

  await deletes(`/v1/hubs/${hub.id}/shares/${shareId}`, alice);
  await until('the hub lost the guest', async () => (await hubNode.peers()).length === 2);
  await until('the guest was told', async () => (await guest.status()).BackendState !== 'Running');
  await expect(guest.join(unused.guest)).rejects.toThrow(/authkey|expired|invalid/i);

  const removedKey = await removed.nodeKey();
  const unit = await test.services.headscale.listNodes(`hub-${hub.id.toLowerCase()}`);
  const nodeId = unit.find((node) => node.nodeKey === removedKey)?.id;
  await deletes(`/v1/hubs/${hub.id}/browsers/${nodeId}`, alice);
  const keptKey = await kept.nodeKey();
  await until('only one is left', async () => {
    const peers = await hubNode.peers();
    return peers.length === 1 && peers[0] === keptKey;
  });
  expect((await test.api.problem('GET', '/v1/me', { token: laptop })).code).toBe('unauthorized');
  expect((await test.api.call('GET', '/v1/me', { token: alice })).status).toBe(200);
  await expect(removed.join(unused.laptop)).rejects.toThrow(/authkey|expired|invalid/i);
});

it('keys that are being made while a share ends open nothing', async () => {
  const hub = await test.registerHub(alice);
  await joinWithoutNode(test.services.db, hub.id);
  const shareId = await share(hub);
  const path = `/v1/hubs/${hub.id}/browser-key`;
  const asked = Array.from({ length: 4 }, () => test.api.call('POST', path, { token: bob }));
  await asked[0]; // the others are on their way
  await deletes(`/v1/hubs/${hub.id}/shares/${shareId}`, alice);
  const statuses = await Promise.all(asked.map(async (answer) => (await answer).status));
  expect(statuses.filter((status) => status !== 200 && status !== 404)).toEqual([]);
  expect(await openKeys(hub)).toBe(0);
});

it('a share that ended while Headscale was silent is carried out when it answers', async () => {
  const hub = await test.registerHub(alice);
  await joinWithoutNode(test.services.db, hub.id);
  const shareId = await share(hub);
  await keyOf(hub, bob);
  const pid = test.server.headscalePid();
  if (pid === undefined) throw new Error('Headscale does not run');
  process.kill(pid, 'SIGSTOP');
  try {
    await deletes(`/v1/hubs/${hub.id}/shares/${shareId}`, alice);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  const answers = async () => (await test.services.gate.check()).kind === 'open';
  await until('Headscale answers', answers);
  await test.services.maintenance.reconcile();
  expect(await openKeys(hub)).toBe(0);
});
