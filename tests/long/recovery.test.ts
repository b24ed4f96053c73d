import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTerminal, signIn, typeLine, whenOpen, whenScreen } from '../../scripts/driver.ts';
import { browserNodes, firstHub, until, useStage } from '../e2e/stage.ts';
import { closeOffscreen, injectFault, killWorker, stopServiceWorker } from '../e2e/targets.ts';

/**
 * Every fault while a terminal streams a counter: it goes on by itself, and tmux has every number. How long each took is
 * printed as a table at the end.
 */
const stage = useStage({ accounts: 1, hubs: 1 });
const SESSION = 'counter';
const took: { fault: string; seconds: string }[] = [];
let terminal: Page;

const hub = () => firstHub(stage);

const counted = async () => {
  const text = await hub().hub.tmux('capture-pane', '-p', '-S', '-', '-t', `=${SESSION}:`);
  return [...text.matchAll(/^n(\d+)$/gm)].map(([, number]) => Number(number));
};
const last = async () => (await counted()).at(-1) ?? 0;

/** The greatest number on the screen of the tab. */
const shown = async () => {
  const lines = await terminal.evaluate(() => document.querySelector('.xterm-rows')?.textContent);
  const numbers = [...(lines ?? '').matchAll(/n(\d+)/g)].map(([, number]) => Number(number));
  return Math.max(0, ...numbers);
};

async function startCounter(): Promise<void> {
  await typeLine(terminal, 'clear; i=0; while sleep 0.1; do i=$((i+1)); echo n$i; done');
  await whenScreen(terminal, /^n5$/);
}

/**
 * Waits until the tab shows numbers that were printed after the fault was over.
 * @param limitMs generous: a promise of the product is checked by reading the table
 */
async function goesOn(fault: string, startMs: number, limitMs: number): Promise<void> {
  const mark = await last();
  await until(shown, limitMs).toBeGreaterThan(mark);
  took.push({ fault, seconds: ((Date.now() - startMs) / 1000).toFixed(1) });
  const numbers = await counted();
  expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
}

beforeAll(async () => {
  await hub().hub.tmux('set-option', '-g', 'history-limit', '50000');
  await hub().hub.tmux('new-session', '-d', '-s', SESSION);
  await signIn(stage.browser, stage.stack.info);
  terminal = await openTerminal(stage.browser, hub().id, SESSION);
  await whenOpen(terminal);
  await startCounter();
});
afterAll(() => {
  if (took.length > 0) console.table(took);
});

test.each([
  ['relay socket frozen', { kind: 'freeze', role: 'relay' }],
  ['control socket frozen', { kind: 'freeze', role: 'control' }],
  ['all sockets frozen', { kind: 'freeze' }],
  ['all sockets closed', { kind: 'close' }],
] as const)('%s', async (name, fault) => {
  await injectFault(stage.browser, fault);
  await goesOn(name, Date.now(), 90_000);
});

test('network off for 30 s', async () => {
  await injectFault(stage.browser, { kind: 'cut' });
  await new Promise((resolve) => setTimeout(resolve, 30_000)); // the fault itself
  await injectFault(stage.browser, { kind: 'mend' });
  const startMs = Date.now();
  await injectFault(stage.browser, { kind: 'online' });
  await goesOn('network off for 30 s, then online', startMs, 60_000);
});

test('Headscale restarted', async () => {
  const pid = stage.stack.server.headscalePid();
  if (pid === undefined) throw new Error('Headscale is not running');
  process.kill(pid, 'SIGKILL');
  await goesOn('Headscale killed and restarted', Date.now(), 120_000);
});

test('Headscale and its relay silent until the tab says so, and a minute more', async () => {
  const pid = stage.stack.server.headscalePid();
  if (pid === undefined) throw new Error('Headscale is not running');
  process.kill(pid, 'SIGSTOP');
  try {
    await terminal.waitForSelector('[data-fault]', { timeout: 120_000 });
    await new Promise((resolve) => setTimeout(resolve, 60_000)); // the fault itself
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await goesOn('Headscale and relay silent, until they answer', Date.now(), 120_000);
});

test('control silent for a minute while the relay works', async () => {
  await injectFault(stage.browser, { kind: 'cut', role: 'control' });
  try {
    // Not longer: 80 s after a browser's poll ended, Headscale takes it for gone and deletes its node.
    const endMs = Date.now() + 60_000;
    while (Date.now() < endMs) {
      const before = await shown();
      await until(shown, 5000).toBeGreaterThan(before);
    }
    const state = await terminal.evaluate(() => document.documentElement.dataset['terminal']);
    expect(state).toBe('open');
  } finally {
    await injectFault(stage.browser, { kind: 'mend' });
  }
  await goesOn('control silent for a minute (no hiccup)', Date.now(), 30_000);
});

test('the hub’s tailscaled restarted', async () => {
  await hub().hub.hubtab(['hub', 'down']);
  await hub().hub.hubtab(['hub', 'up']);
  await goesOn('hub’s tailscaled restarted, from its return', Date.now(), 120_000);
});

test('node deleted on the server', async () => {
  const [node] = await browserNodes(stage.stack);
  const route = `/v1/hubs/${hub().id}/browsers/${node?.id}`;
  const startMs = Date.now();
  const answer = await fetch(new URL(route, stage.stack.info.serverUrl), {
    method: 'DELETE',
    headers: { Authorization: `Bearer ${stage.stack.info.accounts[0]?.accessToken}` },
  });
  expect(answer.status).toBe(204);
  await goesOn('node deleted through the server', startMs, 60_000);
  await until(async () => (await browserNodes(stage.stack)).map(({ id }) => id)).not.toContain(
    node?.id,
  );
});

test('node deleted behind the server’s back', async () => {
  const [node] = await browserNodes(stage.stack);
  const startMs = Date.now();
  await stage.stack.headscale('nodes', 'delete', '-i', String(node?.id), '--force');
  await goesOn('node deleted in Headscale', startMs, 120_000);
});

test('node expired', async () => {
  const [node] = await browserNodes(stage.stack);
  const startMs = Date.now();
  await stage.stack.headscale('nodes', 'expire', '-i', String(node?.id));
  await goesOn('node expired', startMs, 60_000);
});

test('worker killed, offscreen document closed, service worker stopped', async () => {
  let startMs = Date.now();
  await killWorker(stage.browser);
  await goesOn('worker killed', startMs, 30_000);
  startMs = Date.now();
  await closeOffscreen(stage.browser);
  await goesOn('offscreen document closed', startMs, 30_000);
  startMs = Date.now();
  await stopServiceWorker(stage.browser);
  await goesOn('service worker stopped', startMs, 30_000);
});

test('the wall clock jumped: the computer woke up', async () => {
  const startMs = Date.now();
  await injectFault(stage.browser, { kind: 'freeze' });
  await injectFault(stage.browser, { kind: 'wake' });
  await goesOn('woken up with dead sockets', startMs, 60_000);
});

test('the network program trapped', async () => {
  const startMs = Date.now();
  await injectFault(stage.browser, { kind: 'trap' });
  await goesOn('WASM trap', startMs, 30_000);
});

test('the hub rebooted: its tmux is gone, and the tab says so', async () => {
  await hub().hub.tmux('kill-server');
  await terminal.waitForSelector('[data-state="ended"], [data-fault="session-gone"]', {
    timeout: 60_000,
  });
});
