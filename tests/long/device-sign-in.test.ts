import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { look } from '../e2e/looks.ts';
import { until, useStage } from '../e2e/stage.ts';

const stage = useStage({ accounts: 1, hubs: 0 });
const PERSON = { email: 'ana@example.test', password: 'a long enough password' };

/** A browser that says that its window could not show the page: none can be brought to say so here. */
async function withoutWindow(): Promise<void> {
  const worker = await stage.browser.serviceWorker();
  await worker.evaluate(() => {
    const { chrome } = globalThis as unknown as { chrome: { identity: object } };
    Object.defineProperty(chrome.identity, 'launchWebAuthFlow', {
      value: () => Promise.reject(new Error('Authorization page could not be loaded.')),
    });
  });
}

async function storedAccount(page: Page): Promise<Record<string, unknown>> {
  const stored = await page.evaluate(() => {
    const { chrome } = globalThis as unknown as {
      chrome: { storage: { local: { get(key: string): Promise<Record<string, unknown>> } } };
    };
    return chrome.storage.local.get('account');
  });
  return stored['account'] as Record<string, unknown>;
}

test('a code signs in where no window opens, and a sign-in to be forgotten ends with the browser', async () => {
  const { services } = stage.stack.server.internals;
  const { token } = await services.invitations.invite(null, 'member', null);
  await services.invitations.accept(token, 'invitation', PERSON.email, PERSON.password);

  const page = await stage.browser.open('options.html');
  await page.fill('input[name="server"]', stage.stack.info.serverUrl);
  await page.press('input[name="server"]', 'Enter');
  await page.waitForSelector('form[data-state="sign-in"]');
  await withoutWindow();
  await page.getByLabel('Forget this sign-in when the browser closes').check();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  const code = page.locator('[data-code]');
  await code.waitFor();
  expect(await look(page, 'options-device')).toEqual([]);

  // The page asks to sign in first, and then for no more than a look and a click.
  const [tab] = await Promise.all([
    stage.browser.context.waitForEvent('page'),
    page.getByRole('link', { name: 'Open the page' }).click(),
  ]);
  await tab.getByLabel('Email').fill(PERSON.email);
  await tab.getByLabel('Password').fill(PERSON.password);
  await tab.getByLabel('Password').press('Enter');
  await tab.getByRole('button', { name: 'Continue' }).click();
  await tab.getByText((await code.getAttribute('data-code')) ?? 'no code').waitFor();
  await tab.getByRole('button', { name: 'Approve' }).click();
  await page.getByText(PERSON.email).waitFor();
  expect(await storedAccount(page)).toMatchObject({ email: PERSON.email, isForgotten: true });
  expect(await storedAccount(page)).not.toHaveProperty('refreshToken');

  await stage.restartBrowser();
  const later = await stage.browser.open('options.html#account');
  await later.waitForSelector('[data-state="signed-out"], form[data-state="sign-in"]');
  expect(await storedAccount(later)).not.toHaveProperty('refreshToken');
});

test('a denied code says so, and a new one can be had', async () => {
  const page = await stage.browser.open('options.html#account');
  await page.waitForSelector('form[data-state="sign-in"]');
  await withoutWindow();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  const code = await page.locator('[data-code]').getAttribute('data-code');
  const { deviceGrants, identity } = stage.stack.server.internals.services;
  const row = await deviceGrants.find(code ?? '');
  const account = await identity.findUserByEmail(PERSON.email);
  if (!row || !account) throw new Error('no code waits');
  await deviceGrants.decide(row, account.id, false);
  await until(() => page.locator('[data-fault="code-denied"]').count()).toBe(1);
  expect(await page.locator('form[data-state="sign-in"]').count()).toBe(1);
});
