import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { extensionDirectory } from '../../scripts/build-extension.ts';
import { pairingCode, whenScreen } from '../../scripts/driver.ts';
import { launchFirefox, type FirefoxBrowser } from '../../scripts/firefox.ts';
import { startStack, type Stack } from '../../scripts/stack/start.ts';
import { makePerson } from '../../scripts/visitor.ts';
import { browserNodes, firstHub, terminalClients, until } from '../e2e/stage.ts';

/** The main job in Firefox, whose background page holds the worker. */
const SESSION = 'counter';
const EXTENSION = extensionDirectory('e2e', 'firefox');
const ANA = 'ana@example.test';

/** Of the pages in which functions of these tests run. */
declare const browser: typeof chrome;

let directory: string;
let stack: Stack;
let firefox: FirefoxBrowser;
let options: Page;
let popup: Page;
let terminal: Page;

const hub = () => firstHub({ stack });
const profile = () => path.join(directory, 'profile');
const nodeIds = async () => (await browserNodes(stack)).map(({ id }) => id);
const text = (page: Page) => page.evaluate(() => document.body.innerText);

async function typeInto(page: Page, selector: string, words: string): Promise<void> {
  await page.waitForSelector(selector);
  await page.focus(selector);
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
}

const typeLine = (line: string) => typeInto(terminal, '.xterm-helper-textarea', line);

const whenOpen = (page: Page) =>
  until(() => page.evaluate(() => document.documentElement.dataset['terminal']), 60_000).toBe(
    'open',
  );

/** The page that opens while something is done. */
async function opened(act: () => Promise<void>): Promise<Page> {
  const before = await firefox.pages();
  await act();
  let page: Page | undefined;
  await until(async () => {
    page = (await firefox.pages()).find((one) => !before.includes(one));
    return page;
  }).toBeDefined();
  if (!page) throw new Error('invariant: it was there');
  return page;
}

/** What a program on the hub counts goes on to arrive, and none of it was lost. */
async function goesOn(): Promise<void> {
  const counted = await hub().hub.tmux('capture-pane', '-p', '-S', '-', '-t', `=${SESSION}:`);
  const numbers = [...counted.matchAll(/^n(\d+)$/gm)].map(([, number]) => Number(number));
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  const shown = async () => Number((await whenScreen(terminal, /^n\d+$/)).slice(1));
  await until(shown).toBeGreaterThan(numbers.length);
}

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'hubtab-firefox-'));
  stack = await startStack({ accounts: 1, hubs: 1 });
  await hub().hub.tmux('new-session', '-d', '-s', SESSION);
  firefox = await launchFirefox(EXTENSION, profile());
});
afterAll(async () => {
  await firefox?.close();
  await stack?.stop();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

test('a person names the server, signs in on its page, and signs out', async () => {
  const { password } = await makePerson(stack.server.internals, ANA);
  options = await firefox.open('options.html');
  // Asks for this one origin, as on the machine of a person.
  await typeInto(options, 'input[name="server"]', stack.info.serverUrl);
  const signIn = await options.waitForSelector('form[data-state="sign-in"] button.main');
  const window = await opened(async () => signIn?.click());
  await (await window.waitForSelector('input[name=email]'))?.type(ANA);
  await typeInto(window, 'input[name=password]', password);
  await (await window.waitForSelector('button[value=allow]'))?.click();
  await until(() => text(options)).toContain(ANA);
  // She has no hubs: the page still sets up, and has no button for it.
  await options.evaluate(() => browser.runtime.sendMessage({ to: 'background', kind: 'sign-out' }));
});

test('a pairing code signs in, and the popup lists the hub and its session', async () => {
  await (await options.waitForSelector('button::-p-text(Use a code)'))?.click();
  await typeInto(options, 'input[name="code"]', await pairingCode(stack.info));
  popup = await firefox.open('popup.html');
  await popup.waitForSelector(`[data-hub-id="${hub().id}"][data-session="${SESSION}"]`);
});

test('a click opens a terminal, and a shell in tmux answers what is typed', async () => {
  terminal = await opened(() => popup.click(`[data-session="${SESSION}"]`));
  await whenOpen(terminal);
  await typeLine('echo $((6*7)) é日本');
  await whenScreen(terminal, /^42 é日本$/);
  await typeLine('clear; i=0; while sleep 0.05; do i=$((i+1)); echo n$i; done');
  await whenScreen(terminal, /^n5$/);
});

test('a reload, and closing and opening again, keep node, session and every line', async () => {
  const before = await nodeIds();
  await terminal.evaluate(() => {
    document.documentElement.dataset['before'] = 'reload';
    location.reload();
  });
  await until(() =>
    terminal.evaluate(() => document.documentElement.dataset['before']),
  ).toBeUndefined();
  await whenOpen(terminal);
  await goesOn();
  await terminal.close();
  await until(() => terminalClients(hub().hub)).toBe('');
  terminal = await firefox.open(`terminal.html#${hub().id}/${SESSION}`);
  await whenOpen(terminal);
  await goesOn();
  expect(await nodeIds()).toEqual(before);
});

test('a worker that ends is started again in the background page, as the same node', async () => {
  const before = await nodeIds();
  await terminal.evaluate(() => {
    const channel = new BroadcastChannel('hubtab-faults');
    channel.postMessage({ kind: 'trap' });
    channel.close();
  });
  await until(() =>
    terminal.evaluate(async () => Object.keys(await browser.storage.session.get())),
  ).toContain('worker-ended');
  await goesOn();
  expect(await nodeIds()).toEqual(before);
});

test('a crash of the extension’s process is over with the next page', async () => {
  const before = await nodeIds();
  await firefox.crashExtension();
  terminal = await firefox.open(`terminal.html#${hub().id}/${SESSION}`);
  await whenOpen(terminal);
  await goesOn();
  expect(await nodeIds()).toEqual(before);
});

test('a restarted Firefox is still signed in and joins anew', async () => {
  await firefox.close();
  firefox = await launchFirefox(EXTENSION, profile());
  terminal = await firefox.open(`terminal.html#${hub().id}/${SESSION}`);
  await whenOpen(terminal);
  await goesOn();
});
