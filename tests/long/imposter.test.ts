import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPopup, openTerminal, signIn, whenOpen } from '../../scripts/driver.ts';
import {
  browserKey,
  browserNodes,
  firstHub,
  headscaleNodes,
  until,
  useStage,
} from '../e2e/stage.ts';
import { startStockNode, type StockNode } from '../e2e/stock-node.ts';

/** Another node of the unit that offers SSH under the hub's name: whoever has a key of the unit can add one. */
const stage = useStage({ accounts: 1, hubs: 1 });
const nodes: StockNode[] = [];
let imposter: StockNode;
let browsers: string[];

const hub = () => firstHub(stage);
const unitName = () => `hub-${hub().id.toLowerCase()}`;

/** Joins one more node to the hub's unit. */
async function joinUnit(...more: string[]): Promise<StockNode> {
  const key = await browserKey(stage.stack);
  const node = await startStockNode();
  nodes.push(node);
  const { code, stderr } = await node.up(key, ...more);
  if (code !== 0) throw new Error(`the node did not join: ${stderr}`);
  return node;
}

const addressOf = async (node: StockNode) => (await node.tailscale('ip', '-4')).stdout.trim();
/** What its SSH server has counted: every connection that it takes, before a byte is exchanged. */
const sshConnections = async () => {
  const { stdout } = await imposter.tailscale('debug', 'metrics');
  const counted = /^ssh_incoming_connections (\d+)$/m.exec(stdout)?.[1];
  if (counted === undefined) throw new Error(`no such metric: ${stdout.slice(0, 500)}`);
  return Number(counted);
};
/** Bytes that the imposter has got from browsers. */
const heardFromBrowsers = async () => {
  const { Peer: peers } = JSON.parse((await imposter.tailscale('status', '--json')).stdout) as {
    Peer: Record<string, { HostName: string; RxBytes: number }>;
  };
  const heard = Object.values(peers).filter(({ HostName: name }) => browsers.includes(name));
  return heard.map(({ RxBytes: bytes }) => bytes);
};

beforeAll(async () => {
  await hub().hub.tmux('new-session', '-d', '-s', 'main');
  await (await signIn(stage.browser, stage.stack.info)).close();
  const terminal = await openTerminal(stage.browser, hub().id, 'main');
  await whenOpen(terminal);
  await terminal.close();
  browsers = (await browserNodes(stage.stack)).map(({ name }) => name);
  imposter = await joinUnit('--ssh', `--hostname=${unitName()}`);
});
afterAll(async () => {
  for (const node of nodes) await node.stop();
});

test('the imposter is there for others: its name is the hub’s, and its SSH server answers', async () => {
  const names = (await headscaleNodes(stage.stack)).map(({ name }) => name);
  expect(names.filter((name) => name.startsWith(unitName()))).toHaveLength(2);
  const neighbour = await joinUnit();
  const address = await addressOf(imposter);
  await until(() => neighbour.peers()).toContain(address);
  await neighbour.tailscale('nc', address, '22');
  expect(await sshConnections()).toBe(1);
  await neighbour.stop();
});

test.each([
  ['hub-offline', 'is stopped', () => hub().hub.hubtab(['hub', 'down'])],
  [
    'hub-not-found',
    'is deleted in Headscale',
    async () => {
      const list = await headscaleNodes(stage.stack);
      const own = list.find(({ name }) => name === unitName());
      await stage.stack.headscale('nodes', 'delete', '-i', String(own?.id), '--force');
    },
  ],
])('is refused with %s when the hub %s, and hears nothing', async (code, _, harm) => {
  const before = await sshConnections();
  await harm();
  const terminal = await openTerminal(stage.browser, hub().id, 'main');
  const card = terminal.locator(`[data-fault="${code}"]`);
  await card.waitFor({ timeout: 90_000 });
  expect(await card.innerText()).toMatch(/hub0/);
  const popup = await openPopup(stage.browser); // reads sessions, as far as it can
  await popup.getByText('hub0').first().waitFor();
  await popup.close();
  await terminal.close();
  expect(await sshConnections()).toBe(before);
  const heard = await heardFromBrowsers();
  expect(heard.length).toBeGreaterThan(0);
  expect(heard.every((bytes) => bytes === 0)).toBe(true);
});
