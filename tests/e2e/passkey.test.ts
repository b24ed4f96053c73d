import { expect, it } from 'vitest';
import { look } from './looks.ts';
import { addAuthenticator, becomeAdmin, useServerStage } from './server-stage.ts';

const stage = useServerStage();
const PERSON = { email: 'ana@example.test', password: 'a long enough password' };

it('a passkey is added and signs in, is recorded as such, and opens the admin pages', async () => {
  const page = await (await stage.browser.newContext()).newPage();
  await becomeAdmin(stage, page, PERSON);

  // The password alone is not enough for them.
  await page.goto(`${stage.url}/admin/health`);
  await page.waitForURL(/\/sign-in\?next=%2Fadmin%2Fhealth&why=factor$/);
  await page.getByRole('button', { name: 'Use a passkey' }).press('Enter');
  await page.waitForURL(`${stage.url}/admin/health`);
  expect(await look(page, 'admin-health')).toEqual([]);

  await page.getByRole('button', { name: 'Sign out' }).press('Enter');
  await page.waitForURL(`${stage.url}/sign-in`);
  await page.getByRole('button', { name: 'Use a passkey' }).press('Enter');
  await page.waitForURL(`${stage.url}/account`);

  const account = await stage.test.services.identity.findUserByEmail(PERSON.email);
  const rows = await stage.test.services.db
    .selectFrom('audit')
    .select(['event', 'account_id', 'detail'])
    .orderBy('seq')
    .execute();
  const signIns = rows.filter(({ event }) => event === 'signed-in');
  expect(signIns.map((row) => [row.account_id, JSON.parse(row.detail)])).toEqual([
    [account?.id, { kind: 'passkey', address: '127.0.0.1' }],
    [account?.id, { kind: 'passkey', address: '127.0.0.1' }],
  ]);
});

it('a device without the passkey does not get in', async () => {
  const page = await (await stage.browser.newContext()).newPage();
  await page.goto(`${stage.url}/sign-in`);
  await addAuthenticator(page);
  await page.getByRole('button', { name: 'Use a passkey' }).press('Enter');
  await page.getByRole('alert').filter({ hasText: 'passkey' }).waitFor();
  expect((await page.goto(`${stage.url}/account`))?.url()).toContain('/sign-in');
});
