import { beforeEach, expect, it } from 'vitest';
import { PairingCode, TokenSet } from '../../protocol/account.ts';
import { normalizePairingCode } from '../../server/secrets.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let test: TestApp;
let accessToken: string;
const MINUTE_MS = 60_000;

beforeEach(async () => {
  test = await createTestApp();
  accessToken = (await test.signUp('alice@example.test')).tokens.access_token;
});

function makeCode(): Promise<PairingCode> {
  return test.api.ok(PairingCode, 'POST', '/v1/pairing-codes', { token: accessToken });
}

function tryCode(code: string) {
  return test.api.problem('POST', '/v1/pair', { body: { code } });
}

it('a code of eight unambiguous letters gives tokens for the account that made it', async () => {
  const { code, expiresAt } = await makeCode();
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
  expect(Date.parse(expiresAt)).toBe(test.nowMs() + 10 * MINUTE_MS);
  const tokens = await test.api.ok(TokenSet, 'POST', '/v1/pair', { body: { code } });
  expect(tokens.scope).toBe('hubs:read hubs:write keys:issue');
  const me = await test.api.call('GET', '/v1/me', { token: tokens.access_token });
  expect(await me.json()).toMatchObject({ email: 'alice@example.test' });
});

it('case, spaces and dashes of a typed code do not matter', async () => {
  const { code } = await makeCode();
  const typed = ` ${code.toLowerCase().replace('-', ' – ')} `;
  expect((await test.api.call('POST', '/v1/pair', { body: { code: typed } })).status).toBe(200);
});

it('letters that look like digits are read as these', () => {
  expect(normalizePairingCode('oil0-ol1i')).toBe('01100111');
});

it('a code works once', async () => {
  const { code } = await makeCode();
  const answers = await Promise.all(
    [1, 2, 3].map(() => test.api.call('POST', '/v1/pair', { body: { code } })),
  );
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 410, 410]);
  expect((await tryCode(code)).code).toBe('pairing-code-used');
});

it('a code ends after 10 minutes', async () => {
  const { code } = await makeCode();
  test.pass(10 * MINUTE_MS);
  expect((await tryCode(code)).code).toBe('pairing-code-expired');
});

it('a wrong code is unknown, and guessing is slowed down per address', async () => {
  for (let guess = 0; guess < 10; guess += 1) {
    expect((await tryCode('0000-0000')).code).toBe('pairing-code-unknown');
  }
  const limited = await test.api.call('POST', '/v1/pair', { body: { code: '0000-0000' } });
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '6']);
  test.address.current = '192.0.2.8';
  expect((await tryCode('0000-0000')).code).toBe('pairing-code-unknown');
  test.address.current = '192.0.2.7';
  test.pass(6000);
  expect((await tryCode('0000-0000')).code).toBe('pairing-code-unknown');
});

it('good codes do not count against the limit', async () => {
  for (let round = 0; round < 15; round += 1) {
    const { code } = await makeCode();
    expect((await test.api.call('POST', '/v1/pair', { body: { code } })).status).toBe(200);
  }
});
