import { beforeEach, describe, expect, it } from 'vitest';
import { Hub, HubList, Share } from '../../protocol/hubs.ts';
import { ShareOfferList } from '../../protocol/shares.ts';
import { TestHub } from './support/hub.ts';
import { createTestApp, PUBLIC_URL, type TestApp } from './support/test-app.ts';

let test: TestApp;
let alice: string;
let bob: string;
let hub: TestHub;
const DAY_MS = 24 * 3600 * 1000;
const BOB = 'bob@example.test';

beforeEach(async () => {
  test = await createTestApp();
  alice = (await test.signUp('alice@example.test')).tokens.access_token;
  bob = (await test.signUp(BOB)).tokens.access_token;
  hub = await register('workshop');
});

function register(name: string): Promise<TestHub> {
  return TestHub.register(test.api, alice, { audience: PUBLIC_URL, nowMs: test.nowMs, name });
}

function offer(email = BOB): Promise<Share> {
  return test.api.ok(Share, 'POST', `/v1/hubs/${hub.id}/shares`, { token: alice, body: { email } });
}

async function offersTo(token: string) {
  return (await test.api.ok(ShareOfferList, 'GET', '/v1/shares', { token })).offers;
}

function accept(token: string, id: string): Promise<Hub> {
  return test.api.ok(Hub, 'POST', `/v1/shares/${id}/accept`, { token });
}

async function hubsOf(token: string): Promise<Hub[]> {
  return (await test.api.ok(HubList, 'GET', '/v1/hubs', { token })).hubs;
}

async function statusOf(method: string, path: string, token: string): Promise<number> {
  return (await test.api.call(method, path, { token })).status;
}

describe('an offer', () => {
  it('tells who offers and nothing of the hub', async () => {
    await offer();
    const [shown, ...others] = await offersTo(bob);
    expect(others).toEqual([]);
    expect(Object.keys(shown ?? {}).sort()).toEqual(['createdAt', 'expiresAt', 'from', 'id']);
    expect(shown?.from).toBe('alice@example.test');
    const text = await (await test.api.call('GET', '/v1/shares', { token: bob })).text();
    expect([text.includes(hub.id), text.includes('workshop')]).toEqual([false, false]);
  });

  it('opens nothing before it is accepted', async () => {
    await offer();
    expect(await hubsOf(bob)).toEqual([]);
    const doors = [
      ['GET', ''],
      ['GET', '/browsers'],
      ['POST', '/browser-key'],
    ] as const;
    for (const [method, door] of doors) {
      expect(await statusOf(method, `/v1/hubs/${hub.id}${door}`, bob)).toBe(404);
    }
  });

  it('is answered the same whether or not there is such an account, and whatever it does', async () => {
    const [known, unknown] = [await offer(), await offer('nobody@example.test')];
    const same = (share: Share) => ({ ...share, id: '', email: '' });
    expect(same(unknown)).toEqual(same(known));
    await test.api.call('DELETE', `/v1/shares/${known.id}`, { token: bob });
    const seen = await test.api.ok(Hub, 'GET', `/v1/hubs/${hub.id}`, { token: alice });
    expect(new Set(seen.shares)).toEqual(new Set([known, unknown]));
    expect([await offer(), await offer('nobody@example.test')]).toEqual([known, unknown]);
  });

  it('does not wait for an account that comes later, which anybody could claim to be', async () => {
    await offer('late@example.test');
    const late = (await test.signUp('late@example.test')).tokens.access_token;
    expect(await offersTo(late)).toEqual([]);
  });

  it('made twice is one, in whatever letters', async () => {
    const [first, second] = [await offer(), await offer('BOB@example.test')];
    expect(second).toEqual(first);
    expect(await offersTo(bob)).toHaveLength(1);
  });

  it('is for the account it was made to', async () => {
    const { id } = await offer();
    const eve = (await test.signUp('eve@example.test')).tokens.access_token;
    expect(await offersTo(eve)).toEqual([]);
    expect(await statusOf('POST', `/v1/shares/${id}/accept`, eve)).toBe(404);
    expect(await statusOf('DELETE', `/v1/shares/${id}`, eve)).toBe(404);
    expect(await statusOf('POST', `/v1/shares/${id}/accept`, alice)).toBe(404);
  });

  it('lapses after two weeks, and may be made again', async () => {
    const { id } = await offer();
    test.pass(14 * DAY_MS);
    alice = await signInAgain('alice@example.test');
    bob = await signInAgain(BOB);
    expect(await offersTo(bob)).toEqual([]);
    expect(await statusOf('POST', `/v1/shares/${id}/accept`, bob)).toBe(404);
    expect((await offer()).id).not.toBe(id);
    expect(await offersTo(bob)).toHaveLength(1);
  });

  async function signInAgain(email: string): Promise<string> {
    const account = await test.identity.findUserByEmail(email);
    const scopes = ['hubs:read', 'hubs:write', 'keys:issue'] as const;
    return (await test.identity.issueTokens(account?.id ?? '', scopes)).access_token;
  }

  it('cannot be made to oneself, by a guest, or for a hub of somebody else', async () => {
    const path = `/v1/hubs/${hub.id}/shares`;
    const own = { token: alice, body: { email: 'ALICE@example.test' } };
    expect((await test.api.problem('POST', path, own)).code).toBe('bad-request');
    const stranger = { token: bob, body: { email: 'eve@example.test' } };
    expect((await test.api.problem('POST', path, stranger)).code).toBe('not-found');
    await accept(bob, (await offer()).id);
    expect((await test.api.problem('POST', path, stranger)).code).toBe('forbidden');
  });

  it('comes to an end: 20 for one hub, and slowly for one account', async () => {
    for (let count = 0; count < 20; count += 1) await offer(`a${count}@example.test`);
    const path = `/v1/hubs/${hub.id}/shares`;
    const more = { token: alice, body: { email: 'more@example.test' } };
    expect((await test.api.problem('POST', path, more)).code).toBe('rate-limited');
    test.pass(60_000);
    expect((await test.api.problem('POST', path, more)).code).toBe('conflict');
  });
});

describe('a guest', () => {
  it('sees the hub, its owner and their own share', async () => {
    const { id } = await offer();
    await offer('eve@example.test');
    const shown = await accept(bob, id);
    expect(shown).toMatchObject({ id: hub.id, role: 'guest', owner: 'alice@example.test' });
    expect(shown.shares.map((share) => share.email)).toEqual([BOB]);
    expect(await hubsOf(bob)).toEqual([shown]);
    expect(await offersTo(bob)).toEqual([]);
  });

  it('accepts twice and has accepted once', async () => {
    const { id } = await offer();
    expect(await accept(bob, id)).toEqual(await accept(bob, id));
    expect(await hubsOf(bob)).toHaveLength(1);
  });

  it('may not do what concerns the hub itself', async () => {
    const { id } = await offer();
    const eves = await offer('eve@example.test');
    await accept(bob, id);
    const path = `/v1/hubs/${hub.id}`;
    const body = { body: { name: 'mine' }, token: bob };
    expect((await test.api.problem('PATCH', path, body)).code).toBe('forbidden');
    expect((await test.api.problem('DELETE', path, { token: bob })).code).toBe('forbidden');
    const approval = await test.api.problem('POST', `${path}/rejoin-approval`, { token: bob });
    expect(approval.code).toBe('forbidden');
    expect(await statusOf('DELETE', `${path}/shares/${eves.id}`, bob)).toBe(404);
  });

  it.each([
    ['the owner takes it back', (id: string) => [`/v1/hubs/${hub.id}/shares/${id}`, alice]],
    ['the guest leaves', (id: string) => [`/v1/shares/${id}`, bob]],
    ['the guest leaves through the hub', (id: string) => [`/v1/hubs/${hub.id}/shares/${id}`, bob]],
  ] as const)('sees nothing any more when %s', async (_, how) => {
    const { id } = await offer();
    await accept(bob, id);
    const [path, token] = how(id);
    expect(await statusOf('DELETE', path ?? '', token ?? '')).toBe(204);
    expect(await hubsOf(bob)).toEqual([]);
    expect(await statusOf('POST', `/v1/hubs/${hub.id}/browser-key`, bob)).toBe(404);
    const own = await test.api.ok(Hub, 'GET', `/v1/hubs/${hub.id}`, { token: alice });
    expect(own.shares).toEqual([]);
    expect((await offer()).id).not.toBe(id);
  });

  it('is not one of another hub whose share has this id', async () => {
    const { id } = await offer();
    await accept(bob, id);
    const other = await register('other');
    expect(await statusOf('DELETE', `/v1/hubs/${other.id}/shares/${id}`, alice)).toBe(404);
    expect(await hubsOf(bob)).toHaveLength(1);
  });

  it('loses the hub when it is deleted', async () => {
    await accept(bob, (await offer()).id);
    expect(await statusOf('DELETE', `/v1/hubs/${hub.id}`, alice)).toBe(204);
    expect(await hubsOf(bob)).toEqual([]);
  });
});

describe('the list of hubs', () => {
  it('comes a page at a time, and stays in order when hubs come and go', async () => {
    await register('second');
    await register('third');
    await accept(bob, (await offer()).id);
    const page = (query: string) =>
      test.api.ok(HubList, 'GET', `/v1/hubs?${query}`, { token: alice });
    const all = (await hubsOf(alice)).map(({ id }) => id);
    const first = await page('limit=2');
    expect(first.hubs.map(({ id }) => id)).toEqual(all.slice(0, 2));
    await test.api.call('DELETE', `/v1/hubs/${all[1]}`, { token: alice });
    const rest = await page(`limit=2&cursor=${first.nextCursor}`);
    expect([rest.hubs.map(({ id }) => id), rest.nextCursor]).toEqual([all.slice(2), null]);
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'limit=1.5', 'cursor=x', 'cursor=djE6', 'cursor='])(
    'refuses %s',
    async (query) => {
      const problem = await test.api.problem('GET', `/v1/hubs?${query}`, { token: alice });
      expect(problem.code).toBe('bad-request');
    },
  );
});
