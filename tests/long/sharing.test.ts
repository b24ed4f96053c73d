import { beforeAll, expect, test } from 'vitest';
import { openPopup, signIn } from '../../scripts/driver.ts';
import { insertHubNotice } from '../../server/database/hub-notices.ts';
import { look } from '../e2e/looks.ts';
import { until, useStage } from '../e2e/stage.ts';

/** The browser is the first account's, whose hub it is; the other account is behind the server's own API. */
const stage = useStage({ accounts: 2, hubs: 1 });

beforeAll(async () => {
  await signIn(stage.browser, stage.stack.info);
});

const account = (index: number) => {
  const found = stage.stack.info.accounts[index];
  if (!found) throw new Error(`no account ${index}`);
  return found;
};

/** Asks the server as an account does. */
async function call(index: number, method: string, path: string, body?: object): Promise<unknown> {
  const { serverUrl } = stage.stack.info;
  const answer = await fetch(serverUrl + path, {
    method,
    headers: {
      authorization: `Bearer ${account(index).accessToken}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}

const hubOf = (index: number) => {
  const [hub] = account(index).hubs;
  if (!hub) throw new Error(`account ${index} has no hub`);
  return hub;
};

test('an owner offers a hub, sees it accepted, and takes it back', async () => {
  const hub = hubOf(0);
  const page = await stage.browser.open('options.html#hubs');
  const row = page.locator(`[data-hub-id="${hub.id}"]`);
  await row.getByRole('button', { name: /^Share/ }).click();
  const sharing = page.locator(`[data-sharing="${hub.id}"]`);
  await sharing.getByLabel('Email of the other account').fill('nonsense');
  await sharing.getByRole('button', { name: 'Offer' }).click();
  await sharing.getByText('Type an email address.').waitFor();
  await sharing.getByLabel('Email of the other account').fill(account(1).email);
  await sharing.getByRole('button', { name: 'Try again' }).click();
  const share = sharing.locator('[data-share]');
  await until(() => share.getAttribute('data-state')).toBe('offered');
  expect(await look(page, 'options-sharing')).toEqual([]);

  const { offers } = (await call(1, 'GET', '/v1/shares')) as { offers: { id: string }[] };
  await call(1, 'POST', `/v1/shares/${offers[0]?.id}/accept`);
  await page.reload();
  await row.getByRole('button', { name: /^Share/ }).click();
  await until(() => share.getAttribute('data-state')).toBe('accepted');
  await share.getByRole('button', { name: /^Stop sharing/ }).click();
  await until(() => share.count()).toBe(0);
  expect(await call(1, 'GET', '/v1/hubs')).toMatchObject({ hubs: [{ id: hubOf(1).id }] });
  await page.close();
});

test('a guest is told of an offer, accepts it, and leaves again', async () => {
  const hub = hubOf(1);
  await call(1, 'POST', `/v1/hubs/${hub.id}/shares`, { email: account(0).email });
  const popup = await openPopup(stage.browser);
  await popup.locator('[data-fault="offer"]').getByText(account(1).email).waitFor();
  expect(await look(popup, 'popup-offer')).toEqual([]);
  await popup.close();

  const page = await stage.browser.open('options.html#hubs');
  const offer = page.locator('[data-offer]');
  await offer.waitFor();
  expect(await look(page, 'options-offer')).toEqual([]);
  // Nothing of the hub is shown before.
  expect(await page.locator(`[data-hub-id="${hub.id}"]`).count()).toBe(0);
  await offer.getByRole('button', { name: /^Accept/ }).click();
  const row = page.locator(`[data-hub-id="${hub.id}"]`);
  await row.getByText(`Of ${account(1).email}`).waitFor();
  expect(await row.getByRole('button', { name: /^Share/ }).count()).toBe(0);
  await row.getByRole('button', { name: /^Leave/ }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('button', { name: /^Leave/ }).click();
  await until(() => row.count()).toBe(0);
  await page.close();
});

test('an owner sees what happened to a hub, lets it join again, and dismisses the notice', async () => {
  const hub = hubOf(0);
  const { db } = stage.stack.server.internals.services;
  for (const [id, kind] of [
    ['01HZZZZZZZZZZZZZZZZZZZZZZ1', 'key-refused'],
    ['01HZZZZZZZZZZZZZZZZZZZZZZ2', 'second-node-removed'],
  ] as const) {
    await insertHubNotice(db, { id, hub_id: hub.id, kind, created_at_ms: Date.now() });
  }
  const popup = await openPopup(stage.browser);
  await popup.locator('[data-fault="hub-notice"]').waitFor();
  await popup.close();
  const page = await stage.browser.open('options.html#hubs');
  const notices = page.locator(`[data-notices="${hub.id}"]`);
  await notices.getByRole('button', { name: 'Let it join' }).click();
  await notices.getByText(/may join once until/).waitFor();
  expect(await look(page, 'options-notices')).toEqual([]);
  const approvals = await db.selectFrom('rejoin_approvals').select('hub_id').execute();
  expect(approvals).toEqual([{ hub_id: hub.id }]);
  const rows = notices.locator('[data-notice]');
  await rows.first().getByRole('button', { name: 'Dismiss' }).click();
  await until(() => rows.count()).toBe(1);
  await rows.first().getByRole('button', { name: 'Dismiss' }).click();
  await until(() => notices.count()).toBe(0);
  await page.close();
});
