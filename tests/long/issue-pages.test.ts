import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { extensionDirectory } from '../../scripts/build-extension.ts';
import { launchBrowser, type ExtensionBrowser } from '../../scripts/chromium.ts';
import { signIn, whenOpen } from '../../scripts/driver.ts';
import { startStack, type Stack } from '../../scripts/stack/start.ts';
import { look } from '../e2e/looks.ts';
import { until } from '../e2e/stage.ts';

/** A forge of our own, under a name that the browser is made to find here. Its pages are hostile. */
let forge: Server;
let stack: Stack;
let browser: ExtensionBrowser;
let page: Page;
let origin = '';

const PAGE = `<!doctype html><title>Issue</title><h1>Issue</h1>
<a id="link" href="/acme/payments-api/issues/9">Nine</a>
<script>
  // What a page may try: to find the button, and to press it by itself.
  addEventListener('load', () => setInterval(() => {
    const host = document.querySelector('hubtab-agent');
    window.sawShadow = host?.shadowRoot ?? null;
    host?.click();
    host?.dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true }));
  }, 50));
</script>`;

/** Presses the button as a person does: by the pointer, where it is seen. */
async function press(): Promise<void> {
  await page.waitForSelector('hubtab-agent', { state: 'attached' });
  const box = await page.locator('hubtab-agent').boundingBox();
  if (!box) throw new Error('the button is not seen');
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}
const ourPages = (name: string) =>
  browser.context.pages().filter((one) => one.url().includes(`${browser.id}/${name}`));

beforeAll(async () => {
  forge = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(PAGE);
  });
  await new Promise<void>((resolve) => forge.listen(0, '127.0.0.1', resolve));
  origin = `http://issues.test:${(forge.address() as AddressInfo).port}`;
  stack = await startStack({ accounts: 1, hubs: 1 });
  browser = await launchBrowser({
    extension: extensionDirectory('e2e'),
    switches: ['--host-resolver-rules=MAP issues.test 127.0.0.1'],
  });
  const options = await signIn(browser, stack.info);
  await options.waitForSelector('[data-step="ready"]');
  // The form takes https alone; the test's forge has no certificate.
  await options.evaluate(
    (forgeOrigin) => chrome.storage.sync.set({ 'set.issuePages': [forgeOrigin] }),
    origin,
  );
  await options.close();
  const worker = await browser.serviceWorker();
  for (let registered = 0; registered === 0;)
    registered = await worker.evaluate(
      async () => (await chrome.scripting.getRegisteredContentScripts()).length,
    );
  page = await browser.context.newPage();
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  forge?.close();
});

test('an issue has a button, other pages have none', async () => {
  await page.goto(`${origin}/acme/payments-api/issues/412`);
  await page.waitForSelector('hubtab-agent', { state: 'attached' });
  await page.evaluate(() => history.pushState(null, '', '/acme/payments-api'));
  await until(() => page.locator('hubtab-agent').count()).toBe(0);
  await page.evaluate(() => history.pushState(null, '', '/acme/payments-api/issues/412'));
  await until(() => page.locator('hubtab-agent').count()).toBe(1);
});

test('the page can neither look into it nor press it', async () => {
  // The page has pressed it all the while.
  expect(await page.evaluate(() => (window as { sawShadow?: unknown }).sawShadow)).toBe(null);
  expect(ourPages('agent.html')).toEqual([]);
});

test('a person’s press asks on our own page, and starts nothing before Start agent', async () => {
  const opened = browser.context.waitForEvent('page');
  await press();
  const asking = await opened;
  await asking.waitForSelector('[data-state="asking"] select');
  expect(asking.url()).toMatch(/agent\.html#acme\/payments-api\/412$/);
  expect(await asking.inputValue('input[name="repo"]')).toBe('acme/payments-api');
  expect(await look(asking, 'new-agent-for-issue')).toEqual([]);
  const hub = stack.hubs[0];
  if (!hub) throw new Error('a hub expected');
  expect(await hub.tmux('list-sessions', '-F', '#{session_name}')).toBe('hubtab-watch');

  const repository = await hub.makeRepository('payments-api');
  await asking.getByText('Command and folder').click();
  await asking.fill('input[name="folder"]', repository);
  const terminal = browser.context.waitForEvent('page', { timeout: 60_000 });
  await asking.getByRole('button', { name: 'Start agent' }).click();
  await whenOpen(await terminal);
  await until(() => Promise.resolve(ourPages('agent.html').length)).toBe(0);
});

test('when its agent runs, the button opens its terminal', async () => {
  await Promise.all(ourPages('terminal.html').map((one) => one.close()));
  await page.bringToFront();
  const opened = browser.context.waitForEvent('page');
  await press();
  const terminal = await opened;
  await whenOpen(terminal);
  expect(terminal.url()).toContain('agent-acme-payments-api-412');
  await terminal.close();
});

test('a content script that a page has taken over can name this page’s issue and no more', async () => {
  const session = await browser.context.newCDPSession(page);
  const contexts: { id: number; name: string }[] = [];
  session.on('Runtime.executionContextCreated', ({ context }) => contexts.push(context));
  await session.send('Runtime.enable');
  await until(() => Promise.resolve(contexts.some(({ name }) => name === 'Hubtab'))).toBe(true);
  const contextId = contexts.find(({ name }) => name === 'Hubtab')?.id;
  const say = async (message: object) => {
    const { result } = await session.send('Runtime.evaluate', {
      ...(contextId === undefined ? {} : { contextId }),
      expression: `chrome.runtime.sendMessage(${JSON.stringify(message)}).then(String, (e) => 'refused: ' + e.message)`,
      awaitPromise: true,
    });
    return String(result.value);
  };
  const before = browser.context.pages().length;
  const hubId = stack.info.accounts[0]?.hubs[0]?.id;
  // Anything that our own pages may ask is not answered to a page.
  expect(await say({ to: 'background', kind: 'diagnostics', ask: {} })).not.toMatch(/hubs/);
  await say({
    to: 'background',
    kind: 'open-terminal',
    ask: { hubId, session: 'x', where: 'focus' },
  });
  await say({
    to: 'offscreen',
    kind: 'start-agent',
    ask: { hubId, request: { repo: 'a/b', issue: 1 } },
  });
  await say({ issue: { owner: 'other', repository: 'repo', number: 1 } });
  await say({ issue: { owner: 'acme', repository: 'payments-api', number: '412' } });
  // The one message that it may send still works, which also shows that those before it were dealt with.
  const opened = browser.context.waitForEvent('page');
  await say({ issue: { owner: 'acme', repository: 'payments-api', number: 412 } });
  await whenOpen(await opened);
  expect(browser.context.pages()).toHaveLength(before + 1);
});

test('a forge that is switched off has no button any more', async () => {
  const options = await browser.open('options.html', { width: 1000, height: 900 });
  await options.getByRole('switch', { name: /issues\.test/ }).click();
  const worker = await browser.serviceWorker();
  await until(() =>
    worker.evaluate(async () => (await chrome.scripting.getRegisteredContentScripts()).length),
  ).toBe(0);
  await page.goto(`${origin}/acme/payments-api/issues/413`);
  expect(await page.locator('hubtab-agent').count()).toBe(0);
});
