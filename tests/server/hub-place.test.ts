import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrowserKey, Hub, type HubNotice } from '../../protocol/hubs.ts';
import { insertIssuedKey } from '../../server/database/hubs.ts';
import { heartbeat, type TestHub } from './support/hub.ts';
import { TailscaleNode } from './support/tailscale-node.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

/** Somebody holds a copy of a hub's private key: an agent that ran as the hub's user, say. */
let test: TestServer;
let alice: string;
const nodes: TailscaleNode[] = [];

beforeAll(async () => {
  test = await startTestServer();
  alice = await test.signUp('alice@example.test');
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await test?.stop();
});

function newNode(): TailscaleNode {
  const node = new TailscaleNode();
  nodes.push(node);
  return node;
}

async function liveHub(): Promise<{ hub: TestHub; node: TailscaleNode }> {
  const hub = await test.registerHub(alice);
  const node = newNode();
  await node.join(() => hub.key());
  expect(await hub.heartbeat(await node.nodeKey())).toEqual([]);
  return { hub, node };
}

async function noticesOf(hub: TestHub): Promise<HubNotice[]> {
  return (await test.api.ok(Hub, 'GET', `/v1/hubs/${hub.id}`, { token: alice })).notices;
}

async function registeredNode(hub: TestHub): Promise<string> {
  const path = `/v1/hubs/${hub.id}/browser-key`;
  return (await test.api.ok(BrowserKey, 'POST', path, { token: alice })).hub.nodeKey;
}

async function nodeKeysOf(hub: TestHub): Promise<string[]> {
  const unit = await test.services.headscale.listNodes(`hub-${hub.id.toLowerCase()}`);
  return unit.map((node) => node.nodeKey);
}

/** A key of the unit that was stolen before it was used, and joined with. */
async function joinBeside(hub: TestHub): Promise<TailscaleNode> {
  const user = await test.services.headscale.findUser(`hub-${hub.id.toLowerCase()}`);
  const expiresAtMs = Date.now() + 60_000;
  const { id, key } = await test.services.headscale.createKey({
    userId: user?.id ?? '',
    userName: user?.name ?? '',
    ephemeral: false,
    expiresAtMs,
  });
  // One that we issued; a node with any other is cut off as unknown.
  await insertIssuedKey(test.services.db, {
    id: `stolen-${id}`,
    hub_id: hub.id,
    account_id: null,
    kind: 'hub',
    instance: null,
    state: 'issued',
    headscale_key_id: id,
    grant_id: null,
    used_at_ms: null,
    created_at_ms: Date.now(),
    expires_at_ms: expiresAtMs,
  });
  const node = newNode();
  const controlUrl = test.server.headscaleUrl;
  await node.join({ authKey: key, controlUrl, hostname: 'workshop' });
  return node;
}

describe.concurrent('while a hub is online, its copied key', () => {
  it('gets no second key, moves no browser away, and the owner sees that it was tried', async () => {
    const { hub, node } = await liveHub();
    const key = await test.api.problem('POST', '/v1/hub/key', { token: await hub.token() });
    expect(key.code).toBe('hub-node-live');
    expect(await hub.heartbeat(`nodekey:${'0'.repeat(64)}`)).toEqual(['rejoin']);
    expect(await registeredNode(hub)).toBe(await node.nodeKey());
    expect((await noticesOf(hub)).map(({ kind }) => kind)).toEqual(['key-refused']);
    expect(await hub.heartbeat(await node.nodeKey(), ['ssh-ed25519 AAAA'])).toEqual([]);
    expect((await noticesOf(hub)).map(({ kind }) => kind)).toEqual([
      'host-keys-changed',
      'key-refused',
    ]);
  });

  it('cannot bring a second node: whether it speaks or is silent, it is removed', async () => {
    const { hub, node } = await liveHub();
    const nodeKey = await node.nodeKey();
    const speaking = await joinBeside(hub);
    const refused = await test.api.problem('POST', '/v1/hub/heartbeat', {
      token: await hub.token(),
      body: heartbeat(await speaking.nodeKey()),
    });
    expect(refused.code).toBe('hub-node-live');
    expect(await nodeKeysOf(hub)).toEqual([nodeKey]);
    await joinBeside(hub);
    await until('the next heartbeats of the hub found it', async () => {
      expect(await hub.heartbeat(nodeKey)).toEqual([]);
      return (await nodeKeysOf(hub)).length === 1;
    });
    expect(await nodeKeysOf(hub)).toEqual([nodeKey]);
    expect((await noticesOf(hub)).map(({ kind }) => kind)).toEqual(['second-node-removed']);
    expect(await registeredNode(hub)).toBe(nodeKey);
  });

  it('takes its place once, when the owner approves, and the old node is cut', async () => {
    const { hub, node } = await liveHub();
    const oldKey = await node.nodeKey();
    const path = `/v1/hubs/${hub.id}/rejoin-approval`;
    expect((await test.api.call('POST', path, { token: alice })).status).toBe(200);
    const again = newNode();
    const key = await hub.key();
    const second = await test.api.problem('POST', '/v1/hub/key', { token: await hub.token() });
    expect(second.code).toBe('hub-node-live');
    expect(await hub.heartbeat(oldKey)).toEqual([]); // the old one goes on meanwhile
    await again.join(key);
    expect(await hub.heartbeat(await again.nodeKey())).toEqual([]);
    expect(await nodeKeysOf(hub)).toEqual([await again.nodeKey()]);
    expect(await hub.heartbeat(oldKey)).toEqual(['rejoin']);
    expect(await registeredNode(hub)).toBe(await again.nodeKey());
    const [newest] = await noticesOf(hub);
    expect(newest?.kind).toBe('node-replaced');
    const notice = `/v1/hubs/${hub.id}/notices/${newest?.id}`;
    expect((await test.api.call('DELETE', notice, { token: alice })).status).toBe(204);
    expect((await noticesOf(hub)).map(({ kind }) => kind)).toEqual(['key-refused']);
  });

  it('cannot be used with a key that the hub left unused, once the hub is online again', async () => {
    const { hub, node } = await liveHub();
    await node.kill();
    const unit = `hub-${hub.id.toLowerCase()}`;
    const isOnline = async () => (await test.services.headscale.listNodes(unit))[0]?.online;
    await until('Headscale sees it offline', async () => !(await isOnline()), 40_000);
    const stolen = await hub.key();
    await node.restart();
    await until('it is back', isOnline);
    const nodeKey = await node.nodeKey();
    test.services.directory.invalidate();
    // On a busy machine the list may be the old one, and then a heartbeat changes nothing.
    const { directory } = test.services;
    await until('the server sees it', async () => !(await directory.list()).isStale);
    expect(await hub.heartbeat(nodeKey)).toEqual([]);
    await expect(newNode().join(stolen)).rejects.toThrow(/authkey|expired|invalid/i);
  });
});
