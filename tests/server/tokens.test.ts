import { beforeEach, describe, expect, it } from 'vitest';
import { TokenSet } from '../../protocol/account.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let test: TestApp;
const DAY_MS = 24 * 3600 * 1000;

beforeEach(async () => {
  test = await createTestApp();
});

function refresh(token: string | undefined) {
  const form = { grant_type: 'refresh_token', refresh_token: token ?? '' };
  return test.api.call('POST', '/oauth2/token', { form });
}

async function refreshed(tokens: TokenSet): Promise<TokenSet> {
  return TokenSet.parse(await (await refresh(tokens.refresh_token)).json());
}

async function statusOf(tokens: TokenSet): Promise<number> {
  return (await test.api.call('GET', '/v1/me', { token: tokens.access_token })).status;
}

describe('access tokens', () => {
  it('open the account they were made for', async () => {
    const { account, tokens } = await test.signUp('alice@example.test');
    const me = await test.api.call('GET', '/v1/me', { token: tokens.access_token });
    expect(await me.json()).toEqual({
      id: account.id,
      email: 'alice@example.test',
      roles: ['member'],
      limits: { hubs: 50, browsersPerHub: 20, sharesPerHub: 20, joinTokens: 20 },
    });
  });

  it('end after 10 minutes with the code that tells to refresh', async () => {
    const { tokens } = await test.signUp('alice@example.test');
    test.pass(tokens.expires_in * 1000);
    const problem = await test.api.problem('GET', '/v1/me', { token: tokens.access_token });
    expect([tokens.expires_in, problem.code]).toEqual([600, 'token-expired']);
  });

  it('are stored as hashes only', async () => {
    const { tokens } = await test.signUp('alice@example.test');
    const rows = [
      await test.db.selectFrom('access_tokens').selectAll().execute(),
      await test.db.selectFrom('refresh_tokens').selectAll().execute(),
    ];
    const text = JSON.stringify(rows);
    expect(text).toContain('"hash"');
    expect(text).not.toContain(tokens.access_token.slice(4));
    expect(text).not.toContain(tokens.refresh_token?.slice(4));
  });

  it('end with the account', async () => {
    const { account, tokens } = await test.signUp('alice@example.test');
    await test.identity.disableUser(account.id);
    expect(await statusOf(tokens)).toBe(401);
    expect((await refresh(tokens.refresh_token)).status).toBe(400);
  });
});

describe('refresh tokens', () => {
  it('give new tokens, and the new ones work', async () => {
    const { tokens } = await test.signUp('alice@example.test');
    const next = await refreshed(tokens);
    expect(next.refresh_token).not.toBe(tokens.refresh_token);
    expect(next.scope).toBe(tokens.scope);
    expect(await statusOf(next)).toBe(200);
  });

  it('used twice end the whole family', async () => {
    const { tokens } = await test.signUp('alice@example.test');
    const next = await refreshed(tokens);
    const answer = await refresh(tokens.refresh_token);
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
    expect(await statusOf(next)).toBe(401);
    expect((await refresh(next.refresh_token)).status).toBe(400);
  });

  it('used twice at once give at most one answer', async () => {
    const { tokens } = await test.signUp('alice@example.test');
    const answers = await Promise.all([1, 2, 3, 4].map(() => refresh(tokens.refresh_token)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  });

  it('end 30 days after the sign-in, however often they are exchanged', async () => {
    let { tokens } = await test.signUp('alice@example.test');
    for (let day = 0; day < 29; day += 1) {
      test.pass(DAY_MS);
      tokens = await refreshed(tokens);
    }
    test.pass(DAY_MS);
    expect((await refresh(tokens.refresh_token)).status).toBe(400);
  });

  it('that never were are refused as OAuth and as a problem', async () => {
    const problem = await test.api.problem('POST', '/oauth2/token', {
      form: { grant_type: 'refresh_token', refresh_token: 'htr_never' },
    });
    expect(problem).toMatchObject({ status: 400, code: 'unauthorized' });
  });
});

describe('revocation', () => {
  it.each(['access_token', 'refresh_token'] as const)('of the %s ends the family', async (kind) => {
    const { tokens } = await test.signUp('alice@example.test');
    const next = await refreshed(tokens);
    const answer = await test.api.call('POST', '/oauth2/revoke', {
      form: { token: next[kind] ?? '' },
    });
    expect(answer.status).toBe(200);
    expect([await statusOf(tokens), await statusOf(next)]).toEqual([401, 401]);
  });

  it('of an unknown token succeeds too', async () => {
    const answer = await test.api.call('POST', '/oauth2/revoke', { form: { token: 'nothing' } });
    expect(answer.status).toBe(200);
  });

  it('leaves other sign-ins alone', async () => {
    const { account, tokens } = await test.signUp('alice@example.test');
    const other = await test.identity.issueTokens(account.id, ['hubs:read']);
    await test.identity.revoke(tokens.access_token);
    expect(await statusOf(other)).toBe(200);
  });
});

it('grants that we do not know are refused', async () => {
  const problem = await test.api.problem('POST', '/oauth2/token', {
    form: { grant_type: 'password', username: 'a', password: 'b' },
  });
  expect(problem).toMatchObject({ status: 400, code: 'bad-request' });
});
