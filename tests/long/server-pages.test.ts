import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { EXTENSION_SCOPES } from '../../protocol/account.ts';
import { EXTENSION_CLIENT_ID, EXTENSION_ID, extensionRedirectUri } from '../../protocol/oauth.ts';
import { joinWithoutNode } from '../server/support/hub.ts';
import { look } from '../e2e/looks.ts';
import { becomeAdmin, useServerStage } from '../e2e/server-stage.ts';

const stage = useServerStage();
const PERSON = { email: 'ana@example.test', password: 'a long enough password' };
/** 1280 × 800 at 200 %: as many CSS pixels as that leaves. */
const ZOOMED = { width: 640, height: 400 };
const WIDE = { width: 1280, height: 800 };
/** The narrowest that must lose nothing. */
const NARROW = { width: 320, height: 640 };

let page: Page;

beforeAll(async () => {
  page = await (await stage.browser.newContext({ viewport: WIDE })).newPage();
  await becomeAdmin(stage, page, PERSON);
  await page.goto(`${stage.url}/sign-in?why=factor&next=/admin/accounts`);
  await page.getByRole('button', { name: 'Use a passkey' }).press('Enter');
  await page.waitForURL(`${stage.url}/admin/accounts`);
  await fill();
});

/** Enough in every list that its table is seen, with names at their longest. */
async function fill(): Promise<void> {
  const { test: server } = stage;
  const { identity, invitations, db, admin } = server.services;
  const long = 'maximiliane.brandenburg-oyelaran-of-the-northern-office@example.test';
  for (const email of ['dev@example.test', long, 'old@example.test']) {
    await identity.createUser(email, 'member');
  }
  const dev = await identity.findUserByEmail('dev@example.test');
  const old = await identity.findUserByEmail('old@example.test');
  const ana = await identity.findUserByEmail(PERSON.email);
  if (!dev || !old || !ana) throw new Error('the accounts are missing');
  await identity.disableUser(old.id, ana.id);
  await invitations.invite(ana, 'member', 'kim@example.test');
  const { access_token: token } = await identity.issueTokens(dev.id, EXTENSION_SCOPES);
  for (const name of [
    'build-01',
    'a-hub-whose-name-is-as-long-as-the-name-of-a-hub-may-be-in-all',
  ]) {
    const hub = await server.registerHub(token, name);
    await hub.key();
    await joinWithoutNode(db, hub.id);
  }
  await admin.backups.make(ana.id);
}

async function idOf(path: string): Promise<string> {
  await page.goto(`${stage.url}${path}`);
  return (await page.locator('tbody a[data-row]').nth(1).getAttribute('href')) ?? '';
}

/** Every page that a server shows, by the name of its picture. */
async function places(): Promise<Record<string, string>> {
  const { invitations, deviceGrants } = stage.test.services;
  const invitation = await invitations.invite(null, 'member', null);
  const device = await deviceGrants.start({
    client: EXTENSION_CLIENT_ID,
    scope: EXTENSION_SCOPES.join(' '),
    label: 'Chromium 156 on Linux',
    address: '203.0.113.9',
    keyThumbprint: undefined,
  });
  const authorize = new URLSearchParams({
    client_id: EXTENSION_CLIENT_ID,
    redirect_uri: extensionRedirectUri(EXTENSION_ID),
    response_type: 'code',
    code_challenge: 'a'.repeat(43),
    code_challenge_method: 'S256',
    scope: EXTENSION_SCOPES.join(' '),
    state: 'state',
  });
  return {
    'sign-in': '/sign-in',
    'sign-in-confirm': '/sign-in?why=confirm&next=/admin',
    'sign-in-code': '/sign-in/code',
    'sign-in-backup': '/sign-in/code?kind=backup',
    setup: '/setup',
    invitation: `/invitation#t=${invitation.token}`,
    welcome: '/welcome',
    account: '/account',
    'account-factor': '/account?need=factor',
    device: '/device',
    'device-code': `/device?code=${device.user_code}`,
    authorize: `/oauth2/authorize?${authorize.toString()}`,
    refused: '/oauth2/authorize',
    'admin-accounts': '/admin/accounts',
    'admin-account': await idOf('/admin/accounts'),
    'admin-hubs': '/admin/hubs',
    'admin-hub': await idOf('/admin/hubs'),
    'admin-browsers': '/admin/browsers',
    'admin-keys': '/admin/keys',
    'admin-audit': '/admin/audit?verify',
    'admin-health': '/admin/health',
    'admin-not-found': '/admin/hubs/none',
  };
}

/** How far the page is wider than its window: what is out there is lost to who cannot scroll sideways. */
function overflow(): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return Math.max(0, scrollWidth - clientWidth);
  });
}

/**
 * Goes through the page by Tab alone.
 * @returns what can be used and is never reached, and what is reached and does not show it
 */
async function unreachable(): Promise<string[]> {
  const usable = await page.evaluate(() => {
    const elements = document.querySelectorAll<HTMLElement>(
      'a[href], button:not([disabled]), input:not([type=hidden]), select, summary',
    );
    const seen = [...elements].filter((element) => element.checkVisibility());
    for (const [at, element] of seen.entries()) element.dataset['at'] = String(at);
    (document.activeElement as HTMLElement | null)?.blur();
    return seen.length;
  });
  const reached = new Set<string>();
  const faults: string[] = [];
  for (let step = 0; step < usable + 5 && reached.size < usable; step += 1) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(() => {
      const { activeElement: element } = document;
      if (!(element instanceof HTMLElement) || element === document.body) return undefined;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return {
        at: element.dataset['at'],
        isShown: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
        html: element.outerHTML.slice(0, 120),
      };
    });
    if (found?.at !== undefined) reached.add(found.at);
    if (found && !found.isShown) faults.push(`no ring: ${found.html}`);
  }
  if (reached.size < usable) faults.push(`${usable - reached.size} of ${usable} not reached`);
  return faults;
}

test('every page is sound in light and dark, zoomed, narrow, and by keyboard alone', async () => {
  const faults: string[] = [];
  for (const [name, path] of Object.entries(await places())) {
    const note = (found: readonly string[]) =>
      faults.push(...found.map((one) => `${name}: ${one}`));
    await page.setViewportSize(WIDE);
    await page.goto(`${stage.url}${path}`);
    note(await look(page, `server-${name}`));
    note(await unreachable());
    for (const [size, viewport] of Object.entries({ ZOOMED, NARROW })) {
      await page.setViewportSize(viewport);
      note(await look(page, `server-${name}-${size.toLowerCase()}`));
      const wide = await overflow();
      if (wide > 0) note([`${size}: ${wide} px too wide`]);
    }
  }
  expect(faults).toEqual([]);
});

test('the admin pages filter and walk through rows by keyboard, and do their work without script', async () => {
  await page.setViewportSize(WIDE);
  await page.goto(`${stage.url}/admin/accounts`);
  await page.keyboard.press('/');
  await page.keyboard.type('dev@');
  expect(await page.locator('tbody tr:visible a[data-row]').allInnerTexts()).toEqual([
    'dev@example.test',
  ]);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/admin\/accounts\/[0-9A-Z]{26}$/);

  const state = await page.context().storageState();
  const plain = await stage.browser.newContext({ javaScriptEnabled: false, storageState: state });
  const bare = await plain.newPage();
  await bare.goto(`${stage.url}/admin/accounts`);
  await bare.getByRole('link', { name: 'dev@example.test' }).click();
  await bare.getByRole('button', { name: 'Disable account' }).click();
  await bare.getByText('The account is disabled.').waitFor();
  await bare.getByRole('button', { name: 'Enable account' }).click();
  await bare.getByText('The account is enabled.').waitFor();
  await bare.goto(`${stage.url}/admin/accounts`);
  await bare.getByLabel('Email').fill('lee@example.test');
  await bare.getByRole('button', { name: 'Invite' }).click();
  await bare.getByText('/invitation#t=').waitFor();
  await plain.close();
});
