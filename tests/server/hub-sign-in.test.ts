import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { HubPublicKey, HubRegistered } from '../../protocol/hub-registration.ts';
import { HubList, JoinToken } from '../../protocol/hubs.ts';
import { heartbeat, registration, TestHub } from './support/hub.ts';
import { createTestApp, PUBLIC_URL, type TestApp } from './support/test-app.ts';

let test: TestApp;
let alice: string;

beforeEach(async () => {
  test = await createTestApp();
  alice = (await test.signUp('alice@example.test')).tokens.access_token;
});

function register(): Promise<TestHub> {
  return TestHub.register(test.api, alice, { audience: PUBLIC_URL, nowMs: test.nowMs });
}

async function publicKey(): Promise<HubPublicKey> {
  return HubPublicKey.parse(await exportJWK((await generateKeyPair('EdDSA')).publicKey));
}

describe('join tokens', () => {
  async function joinToken(): Promise<JoinToken> {
    return test.api.ok(JoinToken, 'POST', '/v1/hubs/join-tokens', { token: alice });
  }

  it('come with the command to run', async () => {
    const { token, command } = await joinToken();
    expect(command).toBe(`curl -fsSL ${PUBLIC_URL}/install.sh | sh -s -- ${token}`);
  });

  it('make a hub of the account, while Headscale is silent too', async () => {
    const hub = await register();
    const list = await test.api.ok(HubList, 'GET', '/v1/hubs', { token: alice });
    expect(list.hubs).toMatchObject([{ id: hub.id, name: 'workshop', online: false, ip: null }]);
    expect(list.staleSince).not.toBeNull();
  });

  it('are for one machine, which may repeat the request', async () => {
    const { token } = await joinToken();
    const body = registration(await publicKey());
    const first = await test.api.ok(HubRegistered, 'POST', '/v1/hub/register', { token, body });
    const again = await test.api.ok(HubRegistered, 'POST', '/v1/hub/register', { token, body });
    expect(again).toEqual(first);
    const other = registration(await publicKey());
    const problem = await test.api.problem('POST', '/v1/hub/register', { token, body: other });
    expect(problem.code).toBe('join-token-used');
  });

  it('end after 30 minutes', async () => {
    const { token } = await joinToken();
    test.pass(30 * 60_000);
    const body = registration(await publicKey());
    const problem = await test.api.problem('POST', '/v1/hub/register', { token, body });
    expect(problem).toMatchObject({ status: 401, code: 'join-token-expired' });
  });

  it('do not open other doors, and access tokens do not open theirs', async () => {
    const { token } = await joinToken();
    expect((await test.api.problem('GET', '/v1/me', { token })).code).toBe('unauthorized');
    const body = registration(await publicKey());
    const problem = await test.api.problem('POST', '/v1/hub/register', { token: alice, body });
    expect(problem.code).toBe('join-token-unknown');
  });

  it('never make a hub whose terminals would run as root', async () => {
    const { token } = await joinToken();
    const body = { ...registration(await publicKey()), sshUser: 'root' };
    const problem = await test.api.problem('POST', '/v1/hub/register', { token, body });
    expect(problem.detail).toContain('sshUser: root cannot be used');
  });

  it('stop at the number of hubs that the account may have', async () => {
    await test.db.updateTable('accounts').set({ hub_limit: 1 }).execute();
    const { token } = await joinToken();
    await register();
    const body = registration(await publicKey());
    const problem = await test.api.problem('POST', '/v1/hub/register', { token, body });
    expect(problem.code).toBe('conflict');
  });
});

describe('client assertions', () => {
  async function statusFor(assertion: string): Promise<number> {
    const form = TestHub.form(assertion);
    return (await test.api.call('POST', '/oauth2/token', { form })).status;
  }

  it('give a token for the hub alone', async () => {
    const hub = await register();
    const token = await hub.token();
    expect((await test.api.problem('GET', '/v1/hubs', { token })).code).toBe('forbidden');
    const body = heartbeat(`nodekey:${'0'.repeat(64)}`);
    const problem = await test.api.problem('POST', '/v1/hub/heartbeat', { token, body });
    expect(problem.code).toBe('headscale-unavailable');
  });

  it('work once', async () => {
    const hub = await register();
    const assertion = await hub.assertion();
    expect([await statusFor(assertion), await statusFor(assertion)]).toEqual([200, 401]);
  });

  it('are refused when any claim is wrong', async () => {
    const hub = await register();
    const other = await register();
    const nowS = Math.floor(test.nowMs() / 1000);
    const wrong: { [claim: string]: unknown }[] = [
      { aud: 'https://elsewhere.example' },
      { iss: other.id },
      { sub: other.id },
      { exp: nowS - 61 },
      { exp: nowS + 3600 },
      { exp: undefined },
      { jti: undefined },
      { nbf: nowS + 3600 },
    ];
    for (const changes of wrong) {
      const status = await statusFor(await hub.assertion(changes));
      expect([changes, status]).toEqual([changes, 401]);
    }
  });

  it('are refused with another key, another algorithm or no signature', async () => {
    const hub = await register();
    const { privateKey } = await generateKeyPair('EdDSA');
    const claims = hub.claims();
    const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey);
    const secret = new TextEncoder().encode('x'.repeat(32));
    const symmetric = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret);
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${part({ alg: 'none' })}.${part(claims)}.`;
    for (const assertion of [forged, symmetric, unsigned, 'garbage', 'a.b.c']) {
      expect(await statusFor(assertion)).toBe(401);
    }
  });

  it('stay good when the clock of the hub is half a minute off', async () => {
    const hub = await register();
    const nowS = Math.floor(test.nowMs() / 1000);
    expect(await statusFor(await hub.assertion({ exp: nowS + 90, iat: nowS + 30 }))).toBe(200);
    expect(await statusFor(await hub.assertion({ exp: nowS - 30, iat: nowS - 90 }))).toBe(200);
  });
});
