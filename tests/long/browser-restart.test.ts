import { beforeAll, expect, test } from 'vitest';
import {
  openPopup,
  openTerminal,
  signIn,
  typeLine,
  whenOpen,
  whenScreen,
} from '../../scripts/driver.ts';
import { look } from '../e2e/looks.ts';
import { browserNodes, firstHub, until, useStage } from '../e2e/stage.ts';

const stage = useStage({ accounts: 1, hubs: 1 });

/** The server's sweep finds that this browser has a newer node; Headscale itself would keep the old one for 10 minutes. */
const GONE_MS = 120_000;

const hub = () => firstHub(stage);
const nodeIds = async () => (await browserNodes(stage.stack)).map(({ id }) => id);

beforeAll(async () => {
  await hub().hub.tmux('new-session', '-d', '-s', 'main');
  await signIn(stage.browser, stage.stack.info);
});

test('a restarted browser joins with a fresh key as a new node, and the old one goes', async () => {
  const before = await openTerminal(stage.browser, hub().id, 'main');
  await whenOpen(before);
  await typeLine(before, 'echo before-$((1+1))');
  await whenScreen(before, /^before-2$/);
  const [oldId] = await nodeIds();

  await stage.restartBrowser();
  // Nobody signs in again, and nobody opens anything: the browser joins by itself.
  await until(async () => (await nodeIds()).filter((id) => id !== oldId).length).toBe(1);

  const after = await openTerminal(stage.browser, hub().id, 'main');
  await whenOpen(after);
  await whenScreen(after, /^before-2$/);
  await until(nodeIds, GONE_MS).not.toContain(oldId);
  expect(await nodeIds()).toHaveLength(1);
  await typeLine(after, 'echo after-$((1+1))');
  await whenScreen(after, /^after-2$/);
});

test('a hub with new host keys is not taken for the one that was seen before the restart', async () => {
  await hub().hub.hubtab(['hub', 'down']);
  await hub().hub.mustExec(['sh', '-c', 'find ~ -name "ssh_host_*_key" -delete']);
  await hub().hub.hubtab(['hub', 'up']); // the server and the network know the new keys from here on
  await stage.restartBrowser();
  const terminal = await openTerminal(stage.browser, hub().id, 'main');
  const card = terminal.locator('[data-fault="host-key-changed"]');
  await card.waitFor({ timeout: 60_000 });
  expect(await card.innerText()).toMatch(/Nothing was sent/);

  const options = await stage.browser.open(`options.html#host-key/${hub().id}`);
  await options.fill('input[name="printed"]', await hub().hub.hubtab(['hub', 'key']));
  await options.getByRole('button', { name: 'Trust this key' }).click();
  await whenOpen(terminal);
  await whenScreen(terminal, /^after-2$/);
});

test('no secret of the network is on the browser’s disk', async () => {
  const worker = await stage.browser.serviceWorker();
  const local = JSON.stringify(await worker.evaluate(() => chrome.storage.local.get(null)));
  expect(local).not.toMatch(/privkey|nodekey|hskey/);
  // The key that sign-ins are bound to is there, and cannot be taken out.
  const stored = await worker.evaluate(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name ?? '');
    const opening = indexedDB.open(names[0] ?? '');
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      opening.addEventListener('success', () => resolve(opening.result));
      opening.addEventListener('error', () => reject(new Error('no database')));
    });
    const [store = ''] = database.objectStoreNames;
    const reading = database.transaction(store).objectStore(store).getAll();
    await new Promise((resolve) => reading.addEventListener('success', resolve));
    database.close();
    const keys = (reading.result as CryptoKeyPair[]).map(
      ({ privateKey }) => privateKey.extractable,
    );
    return { names, stores: database.objectStoreNames.length, keys };
  });
  expect(stored).toEqual({ names: ['hubtab'], stores: 1, keys: [false] });
});

test('while the server is away a restarted browser lists what it knew, as of then', async () => {
  const stored = async () => {
    const worker = await stage.browser.serviceWorker();
    return JSON.stringify(await worker.evaluate(() => chrome.storage.local.get('last-known')));
  };
  await until(stored).toMatch(/"name":"main"/);
  expect(await stored()).not.toMatch(/"title":"[^"]/);
  await stage.stack.server.stop();
  await stage.restartBrowser();
  const popup = await openPopup(stage.browser);
  const row = popup.locator('[role="option"][data-session="main"]').first();
  await row.waitFor();
  expect(await row.getAttribute('data-state')).toBe('offline');
  expect(await row.innerText()).toMatch(/was idle at \d\d:\d\d/);
  await popup.locator('[data-fault="server-unreachable"]').waitFor({ timeout: 60_000 });
  expect(await row.getAttribute('data-state')).toBe('offline');
  expect(await look(popup, 'popup-recalled')).toEqual([]);
});
