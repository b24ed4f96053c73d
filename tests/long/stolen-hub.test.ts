import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bin } from '../../scripts/paths.ts';
import { startStack, type Stack } from '../../scripts/stack/start.ts';
import { until } from '../e2e/stage.ts';
import { startStockNode, type StockNode } from '../e2e/stock-node.ts';

let stack: Stack;
let browser: StockNode;
beforeAll(async () => {
  stack = await startStack({ accounts: 1, hubs: 2 });
  browser = await startStockNode();
});
afterAll(async () => {
  await browser?.stop();
  await stack?.stop();
});

const hubs = () => {
  const [account] = stack.info.accounts;
  const [stolen, other] = account?.hubs ?? [];
  const [machine] = stack.hubs;
  if (!account || !stolen || !other || !machine)
    throw new Error('an account with two hubs expected');
  return { account, stolen, other, machine };
};

test('a program on one hub reaches no port of another hub of the same account', async () => {
  const { account, stolen, other, machine } = hubs();
  const minted = await fetch(new URL(`/v1/hubs/${other.id}/browser-key`, stack.info.serverUrl), {
    method: 'POST',
    headers: { Authorization: `Bearer ${account.accessToken}` },
  });
  const key = (await minted.json()) as { authKey: string; controlUrl: string };
  expect(await browser.up(key)).toMatchObject({ code: 0 });
  // The other hub does answer on port 22, to its own unit.
  const greeting = async () => (await browser.tailscale('nc', other.ip, '22')).stdout;
  await until(greeting).toMatch(/^SSH-2\.0-/);

  const tailscale = (...words: string[]) =>
    machine.exec([path.join(bin, 'tailscale'), `--socket=${stolen.socket}`, ...words]);
  const status = JSON.parse((await tailscale('status', '--json')).stdout) as { Peer?: object };
  expect(Object.keys(status.Peer ?? {})).toEqual([]);
  for (const port of ['22', '80', '443']) {
    // What is not in the map is dialled on the machine's own network, where somebody may even answer.
    const { stdout } = await tailscale('nc', other.ip, port);
    expect([port, stdout]).toEqual([port, '']);
  }
  expect((await tailscale('ping', '--tsmp', '--c=1', '--timeout=5s', other.ip)).code).not.toBe(0);
});
