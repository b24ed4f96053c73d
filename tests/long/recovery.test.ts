import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cutNodes } from '../../server/units/cut-nodes.ts';
import { openPopup, signIn } from '../../scripts/driver.ts';
import {
  closeOffscreen,
  injectFault,
  killWorker,
  stopServiceWorker,
} from '../../scripts/recovery/browser-faults.ts';
import { Counter } from '../../scripts/recovery/counter.ts';
import { browserNodes, firstHub, until, useStage, type HeadscaleNode } from '../e2e/stage.ts';

/**
 * Every fault while a terminal streams a counter: it goes on by itself, and tmux has every number. How long each took is
 * printed as a table at the end.
 */
const stage = useStage({ accounts: 1, hubs: 1 });
const SESSION = 'counter';
const OUTAGE_MS = 180_000;

/** From the fault, or from its end where the fault itself takes time. */
const took: { fault: string; event: string; seconds: string }[] = [];
let counter: Counter;

const hub = () => firstHub(stage);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function headscalePid(): number {
  const pid = stage.stack.server.headscalePid();
  if (pid === undefined) throw new Error('Headscale is not running');
  return pid;
}

/** @param event what tells the browser that it is over; empty if nothing does */
async function goesOn(fault: string, event: string, startMs: number, limitMs: number) {
  const ms = await counter.goesOn(startMs, limitMs);
  took.push({ fault, event, seconds: (ms / 1000).toFixed(1) });
}

beforeAll(async () => {
  await (await signIn(stage.browser, stage.stack.info)).close();
  counter = await Counter.start(stage.browser, hub(), SESSION);
});
afterAll(() => {
  if (took.length > 0) console.table(took);
});

describe('sockets', () => {
  test.each([
    ['relay socket frozen', { kind: 'freeze', role: 'relay' }],
    ['control socket frozen', { kind: 'freeze', role: 'control' }],
    ['all sockets frozen', { kind: 'freeze' }],
    ['all sockets closed', { kind: 'close' }],
  ] as const)('%s', async (name, fault) => {
    const startMs = Date.now();
    await injectFault(stage.browser, fault);
    await goesOn(name, '', startMs, 90_000);
  });

  test('network off for 30 s, then on', async () => {
    await injectFault(stage.browser, { kind: 'cut' });
    await wait(30_000); // the fault itself
    await injectFault(stage.browser, { kind: 'mend' });
    const startMs = Date.now();
    await injectFault(stage.browser, { kind: 'online' });
    await goesOn('network off for 30 s', 'online', startMs, 60_000);
  });

  test('the wall clock jumped by ten minutes: the computer woke up', async () => {
    await injectFault(stage.browser, { kind: 'freeze' });
    const startMs = Date.now();
    await injectFault(stage.browser, { kind: 'wake' });
    await goesOn('woken up after 10 minutes, sockets dead', 'wake', startMs, 60_000);
  });
});

describe('Headscale', () => {
  test('restarted', async () => {
    const startMs = Date.now();
    process.kill(headscalePid(), 'SIGKILL');
    await goesOn('Headscale killed and restarted', '', startMs, 120_000);
  });

  test('and its relay silent for three minutes: the tab says so, and goes on after', async () => {
    const pid = headscalePid();
    process.kill(pid, 'SIGSTOP');
    try {
      const endMs = Date.now() + OUTAGE_MS;
      await counter.terminal.waitForSelector('[data-fault]', { timeout: 120_000 });
      await wait(endMs - Date.now());
      expect(await counter.terminal.isVisible('[data-fault]')).toBe(true);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await goesOn('Headscale and relay silent for 3 min', '', Date.now(), 120_000);
  });
});

describe('nodes', () => {
  /** The browser's nodes without the one it had. */
  const otherNodes = (had: HeadscaleNode | undefined) => async () =>
    (await browserNodes(stage.stack)).filter(({ id }) => id !== had?.id);

  test('the hub’s tailscaled restarted', async () => {
    await hub().hub.hubtab(['hub', 'down']);
    await hub().hub.hubtab(['hub', 'up']);
    await goesOn('hub’s tailscaled restarted, from its return', 'netmap', Date.now(), 120_000);
  });

  test('cut off by the server', async () => {
    const [node] = await browserNodes(stage.stack);
    const startMs = Date.now();
    // As the server does it. Removing a browser through the API also signs it out, and nothing goes on then.
    const { headscale } = stage.stack.server.internals.services;
    await cutNodes(headscale, [{ id: String(node?.id) }]);
    await goesOn('node cut off by the server', 'netmap', startMs, 60_000);
    await until(otherNodes(node)).toHaveLength(1);
    expect(await browserNodes(stage.stack)).toHaveLength(1);
  });

  test('deleted behind the server’s back', async () => {
    const [node] = await browserNodes(stage.stack);
    const startMs = Date.now();
    await stage.stack.headscale('nodes', 'delete', '-i', String(node?.id), '--force');
    await until(otherNodes(node), 120_000).toHaveLength(1); // nobody is told: it must be noticed first
    await goesOn('node deleted in Headscale', '', startMs, 60_000);
  });

  test('expired', async () => {
    const [node] = await browserNodes(stage.stack);
    const startMs = Date.now();
    await stage.stack.headscale('nodes', 'expire', '-i', String(node?.id));
    await until(otherNodes(node), 60_000).toHaveLength(1);
    await goesOn('node expired', 'netmap', startMs, 60_000);
  });
});

describe('the extension', () => {
  test.each([
    ['worker killed', () => killWorker(stage.browser)],
    ['offscreen document closed', () => closeOffscreen(stage.browser)],
    ['service worker stopped', () => stopServiceWorker(stage.browser)],
    ['WASM trap', () => injectFault(stage.browser, { kind: 'trap' })],
  ])('%s', async (name, harm) => {
    const startMs = Date.now();
    await harm();
    await goesOn(name, 'lock', startMs, 30_000);
  });
});

test('the hub rebooted: the tab says that its session is gone, and so does the list', async () => {
  await hub().hub.tmux('kill-server');
  await hub().hub.hubtab(['hub', 'down']);
  const popup = await openPopup(stage.browser);
  const row = `[data-hub-id="${hub().id}"][data-session="${SESSION}"]`;
  const startMs = Date.now();
  await hub().hub.hubtab(['hub', 'up']);
  await counter.terminal.waitForSelector('[data-state="ended"], [data-fault="session-gone"]', {
    timeout: 60_000,
  });
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1);
  took.push({ fault: 'hub rebooted, until said so', event: 'netmap', seconds });
  await popup.waitForSelector(row, { state: 'detached', timeout: 30_000 });
});
