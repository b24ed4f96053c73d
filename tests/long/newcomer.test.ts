import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { extensionDirectory } from '../../scripts/build-extension.ts';
import { launchBrowser, type ExtensionBrowser } from '../../scripts/chromium.ts';
import { clickSession, openPopup, typeLine, whenScreen } from '../../scripts/driver.ts';
import { bin } from '../../scripts/paths.ts';
import { hubUser } from '../../scripts/stack/hub-user.ts';
import { placePrograms, StackHub } from '../../scripts/stack/hub.ts';
import { until } from '../e2e/stage.ts';

const MAIN = path.resolve(import.meta.dirname, '..', '..', 'server', 'main.ts');
const ANA = { email: 'ana@example.test', password: 'correct horse battery' };

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (let next = cleanups.pop(); next; next = cleanups.pop()) await next();
});

test('from nothing to an open terminal, as a newcomer does it', async () => {
  const startedAtMs = performance.now();
  const user = await hubUser();
  const directory = await mkdtemp(path.join(tmpdir(), 'hubtab-new-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  await user.own(directory);

  const { setupUrl, url } = await startServer(path.join(directory, 'server'));
  const browser = await launchBrowser({ extension: extensionDirectory('e2e') });
  cleanups.push(() => browser.close());

  const setup = await browser.context.newPage();
  await setup.goto(setupUrl);
  await fillPerson(setup);
  await setup.waitForURL(/\/welcome$/);
  expect(await setup.innerText('main')).toContain(ANA.email);

  const options = await signIn(browser, url);
  const line = await options.waitForSelector('.copy-line code');
  const token = /(htj_\S+)/.exec(await line.innerText())?.[1] ?? '';

  const programs = await placePrograms(path.join(directory, 'bin'));
  const hub = new StackHub('workshop', path.join(directory, 'hub'), user, programs);
  cleanups.push(() => hub.stop());
  await hub.prepare();
  await hub.hubtab(['hub', 'join', url, '--token', token, '--name', 'workshop']);
  await hub.tmux('new-session', '-d', '-s', 'main');

  await until(() => options.locator('main').getAttribute('data-step'), 60_000).toBe('ready');
  const popup = await openPopup(browser);
  const row = popup.locator('[data-session="main"]').first();
  await row.waitFor({ timeout: 60_000 });
  const hubId = (await row.getAttribute('data-hub-id')) ?? '';
  const terminal = await clickSession(browser, popup, hubId, 'main');
  await typeLine(terminal, 'echo $((6*7))');
  expect(await whenScreen(terminal, /^42$/)).toBe('42');
  const seconds = (performance.now() - startedAtMs) / 1000;
  console.log(`newcomer: from an empty folder to an open terminal in ${seconds.toFixed(1)} s`);

  // What a copied profile has is worth nothing without the key, which cannot be taken out of it.
  const worker = await browser.serviceWorker();
  const kept = await worker.evaluate(async () => {
    const { account } = await chrome.storage.local.get('account');
    const opening = indexedDB.open('hubtab');
    await new Promise((resolve) => opening.addEventListener('success', resolve));
    const reading = opening.result.transaction('keys').objectStore('keys').get('proof');
    await new Promise((resolve) => reading.addEventListener('success', resolve));
    const { privateKey } = reading.result as CryptoKeyPair;
    return { account: account as { refreshToken: string }, canLeave: privateKey.extractable };
  });
  expect(kept.canLeave).toBe(false);
  const stolen = await fetch(`${url}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: kept.account.refreshToken,
    }),
  });
  expect(await stolen.json()).toMatchObject({ error: 'invalid_dpop_proof' });

  // Signed out on the server's page, the browser notices, and its terminal ends.
  await setup.goto(`${url}/account`);
  await setup.click('button:has-text("Sign out everywhere")');
  await setup.waitForSelector('h1:has-text("signed out everywhere")');
  await options.reload();
  await until(() => options.locator('[data-state="sign-in"]').count()).toBe(1);
});

async function startServer(dataDir: string): Promise<{ setupUrl: string; url: string }> {
  const args = ['start', '--data', dataDir, '--listen', '127.0.0.1:0'];
  const headscale = ['--headscale-listen', '127.0.0.1:0'];
  const binary = ['--headscale-binary', path.join(bin, 'headscale')];
  const child = spawn(process.execPath, [MAIN, ...args, ...headscale, ...binary], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  cleanups.push(() => stop(child));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await until(() => Promise.resolve(output), 60_000).toMatch(/#t=\S+\n/);
  const setupUrl = /http\S+#t=\S+/.exec(output)?.[0] ?? '';
  return { setupUrl, url: new URL(setupUrl).origin };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

async function fillPerson(page: Page): Promise<void> {
  await page.fill('input[name=email]', ANA.email);
  await page.fill('input[name=password]', ANA.password);
  await page.click('form button.main');
}

/** The extension's first run, up to the window of the server, where the person allows this browser. */
async function signIn(browser: ExtensionBrowser, url: string): Promise<Page> {
  const options = await browser.open('options.html');
  await options.fill('input[name="server"]', url);
  await options.press('input[name="server"]', 'Enter');
  await options.waitForSelector('form[data-state="sign-in"]');
  const opened = browser.context.waitForEvent('page');
  await options.click('form[data-state="sign-in"] button.main');
  const window = await opened;
  await window.waitForSelector('h1:has-text("Allow this browser?")');
  await window.click('button[value=allow]');
  await options.waitForSelector('[data-step="hub"]');
  return options;
}
