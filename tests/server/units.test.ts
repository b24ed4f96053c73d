import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrowserKey, BrowserNodeList, Hub, HubList } from '../../protocol/hubs.ts';
import { Maintenance } from '../../server/units/maintenance.ts';
import { HOST_KEYS, type TestHub } from './support/hub.ts';
import { TailscaleNode } from './support/tailscale-node.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

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

/** A hub whose node is joined and registered. */
async function liveHub(): Promise<{ hub: TestHub; node: TailscaleNode }> {
  const hub = await test.registerHub(alice);
  const node = newNode();
  await node.join(() => hub.key());
  expect(await hub.heartbeat(await node.nodeKey())).toEqual([]);
  return { hub, node };
}

function browserKey(
  hub: TestHub,
  headers: Record<string, string> = {},
  instance?: string,
): Promise<BrowserKey> {
  return test.api.ok(BrowserKey, 'POST', `/v1/hubs/${hub.id}/browser-key`, {
    token: alice,
    headers,
    ...(instance === undefined ? {} : { body: { instance } }),
  });
}

async function browsers(hub: TestHub) {
  const path = `/v1/hubs/${hub.id}/browsers`;
  return (await test.api.ok(BrowserNodeList, 'GET', path, { token: alice })).browsers;
}

function unitNodes(hub: TestHub) {
  return test.services.headscale.listNodes(`hub-${hub.id.toLowerCase()}`);
}

// Each of these has a hub of its own, and a join is mostly waiting: they run beside each other.
describe.concurrent('units', () => {
  describe('a hub that joins', () => {
    it('is registered by its first heartbeat and then online', async () => {
      const { hub, node } = await liveHub();
      const status = await node.status();
      const seen = await until('the hub is online', async () => {
        const { hubs } = await test.api.ok(HubList, 'GET', '/v1/hubs', { token: alice });
        return hubs.find((candidate) => candidate.id === hub.id && candidate.online);
      });
      expect(status.Self.TailscaleIPs).toContain(seen.ip);
      const key = await browserKey(hub);
      expect(key.hub).toMatchObject({
        nodeKey: status.Self.PublicKey,
        hostKeys: HOST_KEYS,
        ip: seen.ip,
        sshUser: 'dev',
      });
    });

    it('gets no second key while its node is online', async () => {
      const { hub } = await liveHub();
      const problem = await test.api.problem('POST', '/v1/hub/key', { token: await hub.token() });
      expect(problem.code).toBe('hub-node-live');
    });

    it('cannot register the node of another hub', async () => {
      const { node } = await liveHub();
      const thief = await test.registerHub(alice, 'thief');
      expect(await thief.heartbeat(await node.nodeKey())).toEqual(['rejoin']);
      const path = `/v1/hubs/${thief.id}/browser-key`;
      expect((await test.api.problem('POST', path, { token: alice })).code).toBe('hub-not-joined');
    });

    it('cannot register a browser of its own unit as the hub', async () => {
      const { hub } = await liveHub();
      const browser = newNode();
      await browser.join(() => browserKey(hub));
      expect(await hub.heartbeat(await browser.nodeKey())).toEqual(['rejoin']);
    });

    it('has its key expired once the node is registered', async () => {
      const { hub } = await liveHub();
      const keys = await test.services.headscale.listKeys();
      const own = keys.filter((key) => key.user?.name === `hub-${hub.id.toLowerCase()}`);
      expect(own).toMatchObject([{ ephemeral: false, used: true }]);
      expect(own[0]?.expiration).toBeLessThanOrEqual(Date.now() + 1000);
    });

    it('is told to join again, and may, after its node was deleted in Headscale', async () => {
      const { hub, node } = await liveHub();
      const nodeKey = await node.nodeKey();
      const [own] = await unitNodes(hub);
      await test.services.headscale.deleteNode(own?.id ?? '');
      // The tests beside this one may have had the nodes listed just before.
      await until('it is told', async () => {
        test.services.directory.invalidate();
        return (await hub.heartbeat(nodeKey)).includes('rejoin');
      });
      await node.kill();
      const again = newNode();
      await again.join(() => hub.key());
      expect(await hub.heartbeat(await again.nodeKey())).toEqual([]);
    });

    it('replaces a node that went offline, so that the unit has one hub node', async () => {
      const { hub, node } = await liveHub();
      await node.kill();
      await until(
        'Headscale sees it offline',
        async () => !(await unitNodes(hub))[0]?.online,
        40_000,
      );
      const again = newNode();
      await again.join(() => hub.key());
      expect(await hub.heartbeat(await again.nodeKey())).toEqual([]);
      const left = await unitNodes(hub);
      expect(left.map((own) => own.nodeKey)).toEqual([await again.nodeKey()]);
    });
  });

  describe('the list of browsers', () => {
    it('cannot be used to delete the hub node or a browser of another unit', async () => {
      const [{ hub }, other] = await Promise.all([liveHub(), liveHub()]);
      const browser = newNode();
      await browser.join(() => browserKey(other.hub));
      const foreign = [...(await unitNodes(hub)), ...(await unitNodes(other.hub))];
      for (const node of foreign) {
        const path = `/v1/hubs/${hub.id}/browsers/${node.id}`;
        const problem = await test.api.problem('DELETE', path, { token: alice });
        expect(problem.code).toBe('not-found');
      }
      expect(await unitNodes(other.hub)).toHaveLength(2);
    });
  });

  describe('browser keys', () => {
    it('work once', async () => {
      const { hub } = await liveHub();
      const key = await browserKey(hub);
      const first = newNode();
      await first.join(key);
      await expect(newNode().join(key)).rejects.toThrow(/authkey/);
      expect(await browsers(hub)).toHaveLength(1);
    });

    it('let the browser see the hub and nothing else', async () => {
      const [{ hub, node }, other] = await Promise.all([liveHub(), liveHub()]);
      const browser = newNode();
      await browser.join(() => browserKey(hub));
      const peers = await until('the hub is a peer', async () => {
        const keys = await browser.peers();
        return keys.length > 0 && keys;
      });
      expect(peers).toEqual([await node.nodeKey()]);
      expect(await other.node.peers()).toEqual([]);
    });

    it('are the same for the same Idempotency-Key and differ otherwise', async () => {
      const { hub } = await liveHub();
      const [first, second, third] = await Promise.all([
        browserKey(hub, { 'idempotency-key': 'one' }),
        browserKey(hub, { 'idempotency-key': 'one' }),
        browserKey(hub, { 'idempotency-key': 'two' }),
      ]);
      expect(second).toEqual(first);
      expect(third.authKey).not.toBe(first.authKey);
      expect(Date.parse(first.expiresAt) - Date.now()).toBeLessThanOrEqual(600_000);
    });

    it('are refused with hub-not-joined before the hub has joined', async () => {
      const hub = await test.registerHub(alice);
      const path = `/v1/hubs/${hub.id}/browser-key`;
      const problem = await test.api.problem('POST', path, { token: alice });
      expect(problem.code).toBe('hub-not-joined');
    });
  });

  describe('another account', () => {
    it('has an empty list and sees 404 at every door of a foreign hub', async () => {
      const { hub } = await liveHub();
      const bob = await test.signUp(`bob-${hub.id.toLowerCase()}@example.test`);
      expect(await test.api.ok(HubList, 'GET', '/v1/hubs', { token: bob })).toEqual({
        hubs: [],
        staleSince: null,
        nextCursor: null,
      });
      const doors = [
        ['GET', ''],
        ['PATCH', ''],
        ['DELETE', ''],
        ['POST', '/browser-key'],
        ['GET', '/browsers'],
        ['DELETE', '/browsers/1'],
      ] as const;
      for (const [method, door] of doors) {
        const body = method === 'PATCH' ? { body: { name: 'mine' } } : {};
        const path = `/v1/hubs/${hub.id}${door}`;
        const problem = await test.api.problem(method, path, { token: bob, ...body });
        expect([method, door, problem.code]).toEqual([method, door, 'not-found']);
      }
      const own = await test.api.ok(Hub, 'GET', `/v1/hubs/${hub.id}`, { token: alice });
      expect(own.name).toBe('workshop');
    });
  });
});

// From here on one at a time: these measure, or look at the whole server.
describe('browsers', () => {
  it('are cut off when they are deleted', async () => {
    const { hub, node } = await liveHub();
    const browser = newNode();
    await browser.join(() => browserKey(hub));
    await until('the hub sees the browser', async () => (await node.peers()).length === 1);
    const [listed] = await until('listed', async () => {
      const list = await browsers(hub);
      return list.length > 0 && list;
    });
    const path = `/v1/hubs/${hub.id}/browsers/${listed?.nodeId}`;
    expect((await test.api.call('DELETE', path, { token: alice })).status).toBe(204);
    await until('the hub lost it', async () => (await node.peers()).length === 0);
    expect(await browsers(hub)).toEqual([]);
  });

  it('that are away are reaped at once if they came back anew, else after ten minutes', async () => {
    const { hub } = await liveHub();
    const askers = [
      'instance-that-restarts',
      'instance-that-sleeps',
      'instance-that-restarts',
      undefined,
    ];
    const all: { node: TailscaleNode; key: BrowserKey }[] = [];
    for (const asker of askers)
      all.push({ node: newNode(), key: await browserKey(hub, {}, asker) }); // in this order
    await Promise.all(all.map(({ node, key }) => node.join(key)));
    const [restarted, asleep, anew, nameless] = all.map(({ node }) => node) as [
      TailscaleNode,
      TailscaleNode,
      TailscaleNode,
      TailscaleNode,
    ];
    const keys = new Map<TailscaleNode, string>();
    for (const { node } of all) keys.set(node, await node.nodeKey());
    const left = async () => {
      const nodeKeys = (await unitNodes(hub)).map(({ nodeKey }) => nodeKey);
      return [...keys].filter(([, key]) => nodeKeys.includes(key)).map(([node]) => node);
    };
    let nowMs = Date.now();
    const maintenance = new Maintenance({ ...test.services, clock: () => nowMs });
    await maintenance.sweep();
    expect(await left()).toEqual([restarted, asleep, anew, nameless]); // nobody is away

    await Promise.all([restarted, asleep].map((node) => node.kill()));
    const isAway = (node: TailscaleNode, nodes: { nodeKey: string; online: boolean }[]) =>
      nodes.some(({ nodeKey, online }) => nodeKey === keys.get(node) && !online);
    await until(
      'Headscale sees both offline',
      async () => {
        const nodes = await unitNodes(hub);
        return isAway(restarted, nodes) && isAway(asleep, nodes);
      },
      40_000,
    );
    await maintenance.sweep();
    expect(await left()).toEqual([asleep, anew, nameless]);

    nowMs += 11 * 60_000;
    await maintenance.sweep();
    expect(await left()).toEqual([anew, nameless]);
    await maintenance.sweep(); // keys go once their nodes are gone
    const unitKeys = await test.services.headscale.listKeys();
    const own = unitKeys.filter((key) => key.user?.name === `hub-${hub.id.toLowerCase()}`);
    expect(own.filter((key) => key.ephemeral)).toHaveLength(2);
  });
});

describe('deleting a hub', () => {
  it('cuts its nodes at once, leaves nothing in Headscale and tells the hub to leave', async () => {
    const { hub, node } = await liveHub();
    const browser = newNode();
    await browser.join(() => browserKey(hub));
    const unused = await browserKey(hub);
    await until('the browser sees the hub', async () => (await browser.peers()).length === 1);
    const startedAtMs = Date.now();
    const path = `/v1/hubs/${hub.id}`;
    expect((await test.api.call('DELETE', path, { token: alice })).status).toBe(204);
    expect(await unitNodes(hub)).toEqual([]);
    // About 1 s; a busy machine takes several times that.
    expect(Date.now() - startedAtMs).toBeLessThan(10_000);
    expect(await test.services.headscale.findUser(`hub-${hub.id.toLowerCase()}`)).toBeUndefined();
    expect((await test.api.problem('GET', path, { token: alice })).code).toBe('not-found');
    expect(await hub.heartbeat(await node.nodeKey())).toEqual(['leave']);
    const refused = await test.api.problem('POST', '/v1/hub/key', { token: await hub.token() });
    expect(refused.code).toBe('not-found');
    await expect(newNode().join(unused)).rejects.toThrow(/authkey|auth key|not found|invalid/i);
  });
});

describe('the log', () => {
  it('holds none of the secrets that went through the server', async () => {
    const { hub } = await liveHub();
    const key = await browserKey(hub);
    const token = await hub.token();
    await test.api.call('GET', `/v1/${token}?token=${token}`, { token: key.authKey });
    const text = test.logs.join('\n');
    expect(text).toContain('"event":"request"');
    expect(text).not.toContain(key.authKey.slice(0, 30));
    expect(text).not.toContain(token.slice(0, 20));
    expect(text).not.toMatch(/hskey-|ht[arj]_|eyJ/);
  });
});
