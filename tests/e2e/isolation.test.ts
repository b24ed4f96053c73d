import { afterEach, beforeAll, expect, test } from 'vitest';
import { openPopup, signIn } from '../../scripts/driver.ts';
import { browserKey, browserNodes, headscaleNodes, until, useStage } from './stage.ts';
import { startStockNode, type StockNode } from './stock-node.ts';

const stage = useStage({ accounts: 2, hubs: 1 });

const account = (index: number) => {
  const account = stage.stack.info.accounts[index];
  const [hub] = account?.hubs ?? [];
  if (!account || !hub) throw new Error(`account ${index} with a hub expected`);
  return { ...account, hub };
};

function api(accessToken: string, method: string, route: string): Promise<Response> {
  return fetch(new URL(route, stage.stack.info.serverUrl), {
    method,
    headers: { Authorization: `Bearer ${accessToken}` },
  });
}

const nodes: StockNode[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
});
async function stockNode(): Promise<StockNode> {
  const node = await startStockNode();
  nodes.push(node);
  return node;
}

beforeAll(async () => {
  for (const hub of stage.stack.hubs) await hub.tmux('new-session', '-d', '-s', 'main');
  await signIn(stage.browser, stage.stack.info, 0);
});

test('the popup of one account shows nothing of the other', async () => {
  const popup = await openPopup(stage.browser);
  await popup.waitForSelector(`[data-hub-id="${account(0).hub.id}"]`);
  expect(await popup.locator(`[data-hub-id="${account(1).hub.id}"]`).count()).toBe(0);
  await popup.close();
});

test('for the other account the first one’s hub does not exist', async () => {
  const [mine, other] = [account(0), account(1)];
  const list = (await (await api(other.accessToken, 'GET', '/v1/hubs')).json()) as {
    hubs: { id: string }[];
  };
  expect(list.hubs.map(({ id }) => id)).toEqual([other.hub.id]);
  const routes: [string, string][] = [
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['POST', '/browser-key'],
    ['GET', '/browsers'],
    ['DELETE', '/browsers/1'],
  ];
  for (const [method, suffix] of routes) {
    const response = await fetch(
      new URL(`/v1/hubs/${mine.hub.id}${suffix}`, stage.stack.info.serverUrl),
      {
        method,
        headers: {
          Authorization: `Bearer ${other.accessToken}`,
          'Content-Type': 'application/json',
        },
        ...(method === 'PATCH' ? { body: '{"name":"taken"}' } : {}),
      },
    );
    expect([method, suffix, response.status]).toEqual([method, suffix, 404]);
  }
});

test('every node belongs to its own unit', async () => {
  const users = async () => (await headscaleNodes(stage.stack)).map(({ user }) => user.name).sort();
  const unit = (index: number) => `hub-${account(index).hub.id.toLowerCase()}`;
  // Two hubs, and the one browser that is signed in, which may still be on its way.
  await until(users).toEqual([unit(0), unit(0), unit(1)].sort());
  expect(await browserNodes(stage.stack)).toHaveLength(1);
});

test('a node with one unit’s key sees that unit’s hub and cannot reach another’s', async () => {
  const [mine, other] = [account(0), account(1)];
  const node = await stockNode();
  expect(await node.up(await browserKey(stage.stack, 1))).toMatchObject({ code: 0 });
  await until(node.peers).toEqual([other.hub.ip]);

  const ping = async (ip: string) =>
    (await node.tailscale('ping', '--tsmp', '--c=1', '--timeout=5s', ip)).code;
  await until(() => ping(other.hub.ip)).toBe(0);
  expect(await ping(mine.hub.ip)).not.toBe(0);

  const greeting = async (ip: string) => (await node.tailscale('nc', ip, '22')).stdout;
  await until(() => greeting(other.hub.ip)).toMatch(/^SSH-2\.0-/);
  expect(await greeting(mine.hub.ip)).toBe('');
});

test('a key works once', async () => {
  const key = await browserKey(stage.stack, 1);
  expect(await (await stockNode()).up(key)).toMatchObject({ code: 0 });
  const before = (await headscaleNodes(stage.stack)).length;
  expect((await (await stockNode()).up(key)).code).not.toBe(0);
  expect(await headscaleNodes(stage.stack)).toHaveLength(before);
});
