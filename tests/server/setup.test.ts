import { beforeEach, expect, it } from 'vitest';
import { createTestApp, type TestApp } from './support/test-app.ts';
import { makePerson, Visitor } from '../../scripts/visitor.ts';

let test: TestApp;
let visitor: Visitor;
const PERSON = { email: 'ana@example.test', password: 'correct horse battery' };
const MINUTE_MS = 60_000;

beforeEach(async () => {
  test = await createTestApp();
  visitor = new Visitor(test);
});

async function setupToken(): Promise<string> {
  const token = await test.services.invitations.createSetupToken();
  if (token === undefined) throw new Error('no setup token');
  return token;
}

it('the setup link makes the first admin and signs them in', async () => {
  const answer = await visitor.post('/setup', { token: await setupToken(), ...PERSON });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/welcome']);
  expect(await (await visitor.get('/welcome')).text()).toContain('ana@example.test');
  expect(await test.identity.listUsers()).toMatchObject([
    { email: 'ana@example.test', role: 'admin', status: 'active' },
  ]);
});

it('a setup link works once, however often it is used at the same time', async () => {
  const token = await setupToken();
  const answers = await Promise.all(
    ['ana', 'ben', 'cem'].map((name) =>
      new Visitor(test).post('/setup', { token, ...PERSON, email: `${name}@example.test` }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 400, 400]);
  expect(await test.identity.listUsers()).toHaveLength(1);
});

it('a setup link ends after 30 minutes, and when a newer one is made', async () => {
  const old = await setupToken();
  const late = await setupToken();
  expect((await visitor.post('/setup', { token: old, ...PERSON })).status).toBe(400);
  test.pass(30 * MINUTE_MS);
  const answer = await visitor.post('/setup', { token: late, ...PERSON });
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('expired')]);
});

it('there is no setup link, and no setup page, when there is an admin', async () => {
  await visitor.post('/setup', { token: await setupToken(), ...PERSON });
  expect(await test.services.invitations.createSetupToken()).toBeUndefined();
  expect(await (await visitor.get('/setup')).text()).toContain('This server is set up');
});

it('sign-up is closed: without a token nothing makes an account', async () => {
  for (const path of ['/setup', '/invitation']) {
    expect((await visitor.post(path, { token: 'hti_nonsense', ...PERSON })).status).toBe(400);
  }
  for (const path of ['sign-up/email', 'sign-in/email', 'update-user', 'change-email']) {
    expect((await visitor.post(`/api/auth/${path}`, PERSON)).status).toBe(404);
  }
  expect(await test.identity.listUsers()).toEqual([]);
});

it('an invitation makes one account, with the role and the address that the admin chose', async () => {
  const { account } = await test.signUp('root@example.test');
  const { token } = await test.services.invitations.invite(account, 'admin', 'Ben@Example.test');
  const made = await visitor.post('/invitation', { token, ...PERSON });
  expect([made.status, made.headers.get('location')]).toEqual([303, '/welcome']);
  expect(await test.identity.findUserByEmail('ben@example.test')).toMatchObject({ role: 'admin' });
  const again = await new Visitor(test).post('/invitation', { token, ...PERSON });
  expect([again.status, await again.text()]).toEqual([400, expect.stringContaining('used')]);
});

it('an invitation can be taken back', async () => {
  const { account } = await test.signUp('root@example.test');
  const { invitations } = test.services;
  const { token } = await invitations.invite(account, 'member', null);
  const [open] = await invitations.listOpen();
  await invitations.withdraw(open?.id ?? '', account.id);
  expect((await visitor.post('/invitation', { token, ...PERSON })).status).toBe(400);
});

it('a taken address, a short password and a bad address are told, and cost no invitation', async () => {
  await makePerson(test, 'ana@example.test');
  const { account } = await test.signUp('ben@example.test');
  const { token } = await test.services.invitations.invite(account, 'member', null);
  const tries = [PERSON, { ...PERSON, password: 'short' }, { ...PERSON, email: 'nobody' }];
  const answers = [];
  for (const person of tries) answers.push(await visitor.post('/invitation', { token, ...person }));
  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual([
    expect.stringContaining('an account with this address already'),
    expect.stringContaining('Between 10 and 128 characters'),
    expect.stringContaining('not an email address'),
  ]);
  const good = { token, email: 'cem@example.test', password: PERSON.password };
  expect((await visitor.post('/invitation', good)).status).toBe(303);
});
