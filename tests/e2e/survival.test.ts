import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { openTerminal, signIn, typeLine, whenOpen, whenScreen } from '../../scripts/driver.ts';
import { until as untilTrue } from '../server/support/until.ts';
import { browserNodes, firstHub, terminalClients, until, useStage } from './stage.ts';
import {
  closeOffscreen,
  injectFault,
  killWorker,
  stopServiceWorker,
} from '../../scripts/recovery/browser-faults.ts';

const stage = useStage({ accounts: 1, hubs: 1 });
const SESSION = 'counter';
let terminal: Page;
let nodeId = 0;

const hub = () => firstHub(stage);

/** Every number that the counter printed, from tmux's history and screen. */
const counted = async () => {
  const text = await hub().hub.tmux('capture-pane', '-p', '-S', '-', '-t', `=${SESSION}:`);
  return [...text.matchAll(/^n(\d+)$/gm)].map(([, number]) => Number(number));
};

/** The last number that the tab shows. */
const shown = async () => {
  const line = await whenScreen(terminal, /^n\d+$/);
  return Number(line.slice(1));
};

/** The terminal goes on after something happened to it: same node, no number lost, none twice. */
async function goesOn(): Promise<void> {
  const before = (await counted()).at(-1) ?? 0;
  await until(shown, 20_000).toBeGreaterThan(before - 40);
  const numbers = await counted();
  expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
  expect(numbers[0]).toBe(1);
  expect((await browserNodes(stage.stack)).map(({ id }) => id)).toEqual([nodeId]);
  // What a dead worker left behind on the hub is reset when the hub next sends to it.
  await until(() => terminalClients(hub().hub)).toBe(SESSION);
}

beforeAll(async () => {
  await hub().hub.tmux('new-session', '-d', '-s', SESSION);
  await signIn(stage.browser, stage.stack.info);
  // tailscaled (1.102.5, tailssh/incubator.go) lets programs that it starts later inherit the terminals that are open: a
  // watch that began after a terminal would keep that one's tmux client when its tab is closed.
  await untilTrue('the watch is there', async () =>
    (await hub().hub.tmux('list-clients', '-F', '#{session_name}')).includes('hubtab-watch'),
  );
  terminal = await openTerminal(stage.browser, hub().id, SESSION);
  await whenOpen(terminal);
  await typeLine(terminal, 'clear; i=0; while sleep 0.05; do i=$((i+1)); echo n$i; done');
  await whenScreen(terminal, /^n5$/);
  nodeId = (await browserNodes(stage.stack))[0]?.id ?? 0;
});

test('a reload of the tab keeps node, session and every line', async () => {
  await terminal.reload();
  await whenOpen(terminal);
  await goesOn();
});

test('closing the tab and opening it again keeps node, session and every line', async () => {
  await terminal.close();
  await until(() => terminalClients(hub().hub)).toBe('');
  terminal = await openTerminal(stage.browser, hub().id, SESSION);
  await whenOpen(terminal);
  await goesOn();
});

test('a stopped service worker is not missed', async () => {
  await stopServiceWorker(stage.browser);
  await goesOn();
  // And a tab that is opened now wakes it.
  await terminal.reload();
  await whenOpen(terminal);
  await goesOn();
});

test('a slow path shows its round trip, and the terminal goes on', async () => {
  await injectFault(stage.browser, { kind: 'delay', ms: 400, role: 'relay' });
  const roundTrip = async () =>
    Number(/(\d+) ms/.exec((await terminal.locator('.bar').innerText()) ?? '')?.[1] ?? 0);
  await until(roundTrip).toBeGreaterThanOrEqual(400);
  await goesOn();
  await injectFault(stage.browser, { kind: 'mend' });
  await until(roundTrip).toBeLessThan(400);
});

test('a path that loses what arrives is made anew', async () => {
  await injectFault(stage.browser, { kind: 'drop', every: 3 });
  await new Promise((resolve) => setTimeout(resolve, 3000)); // the fault itself
  await injectFault(stage.browser, { kind: 'mend' });
  await goesOn();
});

test('a panic in Go fails the call it is in and no other', async () => {
  await terminal.evaluate(() => {
    const { dataset } = document.documentElement;
    const states = [dataset['terminal']];
    new MutationObserver(() => states.push(dataset['terminal'])).observe(document.documentElement, {
      attributes: true,
    });
    Object.assign(globalThis, { states });
  });
  await injectFault(stage.browser, { kind: 'panic' });
  const other = await openTerminal(stage.browser, hub().id, SESSION);
  await whenOpen(other); // its first call failed; it tries again by itself
  const report = await other.evaluate(() =>
    chrome.runtime.sendMessage({ to: 'background', kind: 'diagnostics', ask: {} }),
  );
  expect(JSON.stringify(report)).toMatch(/lastPanic.*injected by a test.*parseOpenOptions/);
  await other.close();
  const states = await terminal.evaluate(() => (globalThis as { states?: string[] }).states);
  expect([...new Set(states)]).toEqual(['open']);
  await goesOn();
});

test('a killed worker comes back by itself, as the same node', async () => {
  const startMs = Date.now();
  await killWorker(stage.browser);
  await until(() => terminal.evaluate(() => document.documentElement.dataset['terminal'])).not.toBe(
    'open',
  );
  await whenOpen(terminal, 30_000);
  console.log(`worker killed: open again after ${Date.now() - startMs} ms`);
  await goesOn();
});

test('a closed offscreen document comes back by itself, as the same node', async () => {
  const startMs = Date.now();
  await closeOffscreen(stage.browser);
  await until(() => terminal.evaluate(() => document.documentElement.dataset['terminal'])).not.toBe(
    'open',
  );
  await whenOpen(terminal, 30_000);
  console.log(`offscreen document closed: open again after ${Date.now() - startMs} ms`);
  await goesOn();
});
