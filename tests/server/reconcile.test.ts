import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrowserKey, Hub } from '../../protocol/hubs.ts';
import { headscaleEnv } from '../../server/headscale/binary.ts';
import { HeadscaleClient } from '../../server/headscale/client.ts';
import { TestHub } from './support/hub.ts';
import { requireBinary, TailscaleNode } from './support/tailscale-node.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';
import { until } from './support/until.ts';
import { expectWholeWorld } from './support/world.ts';

const MINUTE_MS = 60_000;
let test: TestServer;
let alice: string;
let laterMs = 0;
const nodes: TailscaleNode[] = [];

beforeAll(async () => {
  test = await startTestServer({ clock: () => Date.now() + laterMs });
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

const registerHub = () =>
  TestHub.register(test.api, alice, {
    audience: test.server.url,
    nowMs: () => Date.now() + laterMs,
  });

async function liveHub(): Promise<{ hub: TestHub; node: TailscaleNode; nodeKey: string }> {
  const hub = await registerHub();
  const node = newNode();
  await node.join(() => hub.key());
  const nodeKey = await node.nodeKey();
  expect(await hub.heartbeat(nodeKey)).toEqual([]);
  return { hub, node, nodeKey };
}

/** A round in which everything is due. */
async function round(): Promise<void> {
  laterMs += MINUTE_MS;
  test.services.directory.invalidate();
  await test.server.internals.reconciler.round();
}

async function eventsOf(event: string) {
  const rows = await test.services.db
    .selectFrom('audit')
    .select(['event', 'hub_id', 'detail'])
    .where('event', '=', event as 'signed-in')
    .execute();
  return rows.map((row) => ({ hubId: row.hub_id, ...(JSON.parse(row.detail) as object) }));
}

function unitNodes(hub: TestHub) {
  return test.services.headscale.listNodes(`hub-${hub.id.toLowerCase()}`);
}

function headscaleCli(...args: string[]): string {
  const config = join(test.dataDir, 'headscale', 'headscale.yaml');
  return execFileSync(requireBinary('headscale'), ['-c', config, ...args], {
    env: headscaleEnv(),
    encoding: 'utf8',
  });
}

describe('reconcilers', () => {
  it('record who used a key, and expire it', async () => {
    const { hub, nodeKey } = await liveHub();
    const browser = newNode();
    const path = `/v1/hubs/${hub.id}/browser-key`;
    await browser.join(() => test.api.ok(BrowserKey, 'POST', path, { token: alice }));
    await round();
    const all = await unitNodes(hub);
    const used = (await eventsOf('key-used')).filter((event) => event.hubId === hub.id);
    expect(used).toHaveLength(2);
    expect(used).toEqual(
      expect.arrayContaining(
        all.map((node) =>
          expect.objectContaining({
            nodeId: node.id,
            kind: node.nodeKey === nodeKey ? 'hub' : 'browser',
          }),
        ),
      ),
    );
    const keys = await test.services.headscale.listKeys();
    const own = keys.filter((key) => key.user?.name === `hub-${hub.id.toLowerCase()}`);
    expect(own.every((key) => (key.expiration ?? 0) <= test.services.clock() + 2000)).toBe(true);
    await round();
    expect((await eventsOf('key-used')).filter((event) => event.hubId === hub.id)).toHaveLength(2);
  });

  it('cut off a node that somebody put into a unit behind our back, show it, then delete it', async () => {
    const { hub, nodeKey } = await liveHub();
    const user = await test.services.headscale.findUser(`hub-${hub.id.toLowerCase()}`);
    const authKey = headscaleCli('preauthkeys', 'create', '--user', user?.id ?? '').trim();
    const intruder = newNode();
    const controlUrl = test.server.headscaleUrl;
    // The server's own rounds may cut it off before it has come up.
    await intruder.join({ authKey, controlUrl, hostname: 'intruder' }).catch(() => {});
    await until('it has registered', async () => (await unitNodes(hub)).length === 2);
    await round();
    await until('it sees nobody', async () => {
      const { BackendState, Peer } = await intruder.status();
      return BackendState !== 'Running' || Object.keys(Peer ?? {}).length === 0;
    });
    const shown = await test.services.db.selectFrom('unknown_nodes').selectAll().execute();
    expect(shown).toMatchObject([{ unit: user?.name, hostname: 'intruder' }]);
    const { notices } = await test.api.ok(Hub, 'GET', `/v1/hubs/${hub.id}`, { token: alice });
    expect(notices.map(({ kind }) => kind)).toEqual(['unknown-node']);
    expect(await unitNodes(hub)).toHaveLength(2);
    laterMs += 10 * MINUTE_MS;
    await round();
    expect((await unitNodes(hub)).map((node) => node.nodeKey)).toEqual([nodeKey]);
    expect(await test.services.db.selectFrom('unknown_nodes').selectAll().execute()).toEqual([]);
    expect(await eventsOf('unknown-node-found')).toHaveLength(1);
    expect(await eventsOf('unknown-node-removed')).toHaveLength(1);
  });

  it('put the policy back that somebody changed', async () => {
    const policy = join(test.dataDir, 'headscale', 'policy.hujson');
    const ours = readFileSync(policy, 'utf8');
    writeFileSync(policy, ours.replace('tcp:22', 'tcp:23'));
    process.kill(test.server.headscalePid() ?? 0, 'SIGHUP');
    await until('it is noticed', async () => {
      await round();
      return (await eventsOf('policy-drift-found')).length === 1;
    });
    await until('keys are made again', async () => {
      await round();
      return test.services.gate.state.kind === 'open';
    });
    await round();
    expect(readFileSync(policy, 'utf8')).toBe(ours);
    expect(await eventsOf('policy-restored')).toHaveLength(1);
  });

  it('replace an API key that is old, and end it', async () => {
    const path = join(test.dataDir, 'headscale', 'api-key');
    const old = readFileSync(path, 'utf8').trim();
    const before = new Date(Date.now() - 61 * 24 * 60 * MINUTE_MS);
    utimesSync(path, before, before);
    laterMs += 60 * MINUTE_MS;
    await round();
    expect(readFileSync(path, 'utf8').trim()).not.toBe(old);
    const withOld = new HeadscaleClient({ url: test.server.headscaleUrl, apiKey: () => old });
    await expect(withOld.listUsers()).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(await test.services.headscale.listUsers()).not.toEqual([]);
    expect(await eventsOf('api-key-rotated')).toHaveLength(1);
  });
});

describe('a key', () => {
  it('is never made for the user of another hub, whatever id our database has', async () => {
    const [hub, other] = [await registerHub(), await registerHub()];
    const nameOf = ({ id }: TestHub) => `hub-${id.toLowerCase()}`;
    const stranger = await test.services.headscale.findUser(nameOf(other));
    await test.services.db
      .updateTable('hubs')
      .set({ headscale_user_id: stranger?.id ?? '' })
      .where('id', '=', hub.id)
      .execute();
    await hub.key();
    const keys = await test.services.headscale.listKeys();
    expect(keys.filter((key) => key.user?.name === nameOf(hub))).toHaveLength(1);
    expect(keys.filter((key) => key.user?.name === nameOf(other))).toEqual([]);
  });
});

describe('a Headscale that lost its database', () => {
  it('gets its users back, and hubs rejoin by themselves', { timeout: 180_000 }, async () => {
    const one = await liveHub();
    const other = await liveHub();
    await round();
    process.kill(test.server.headscalePid() ?? 0, 'SIGKILL');
    await until('it is gone', () => test.server.headscalePid() === undefined);
    for (const end of ['', '-wal', '-shm']) {
      rmSync(join(test.dataDir, 'headscale', `headscale.sqlite${end}`), { force: true });
    }
    await until('it is back', async () => (await test.services.gate.check()).kind === 'open');
    await round();
    expect(await eventsOf('headscale-reset-found')).toHaveLength(1);
    await round();
    for (const { hub, node, nodeKey } of [one, other]) {
      await until('it is told', async () => {
        test.services.directory.invalidate();
        return (await hub.heartbeat(nodeKey)).includes('rejoin');
      });
      await node.join(() => hub.key());
      expect(await hub.heartbeat(await node.nodeKey())).toEqual([]);
      expect(await unitNodes(hub)).toHaveLength(1);
    }
    await expectWholeWorld(test);
  });
});
