import { createHash, randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TokenSet } from '../../protocol/account.ts';
import { HubRegistered } from '../../protocol/hub-registration.ts';
import {
  DEVICE_CODE_GRANT,
  DeviceAuthorization,
  EXTENSION_CLIENT_ID,
  EXTENSION_ID,
  extensionRedirectUri,
  FIREFOX_EXTENSION_ID,
  HUB_CLIENT_ID,
} from '../../protocol/oauth.ts';
import { registration } from './support/hub.ts';
import { createTestApp, PUBLIC_URL, type TestApp } from './support/test-app.ts';
import { makePerson, Visitor } from '../../scripts/visitor.ts';

let test: TestApp;
let visitor: Visitor;
const EMAIL = 'ana@example.test';
const REDIRECT = extensionRedirectUri(EXTENSION_ID);
const DAY_MS = 24 * 3600 * 1000;

/** A server with one person, who is signed in. Passwords take their time, so tests share it where they can. */
async function start(): Promise<void> {
  test = await createTestApp();
  visitor = new Visitor(test);
  const { password } = await makePerson(test, EMAIL);
  await visitor.signIn(EMAIL, password);
}

/** The extension's side: a verifier, and if asked for a key for proofs. */
class Extension {
  readonly verifier = randomBytes(32).toString('base64url');
  #sign: ((claims: object, jwk?: object) => Promise<string>) | undefined;
  thumbprint: string | undefined;

  static async withKey(): Promise<Extension> {
    const extension = new Extension();
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    extension.thumbprint = await calculateJwkThumbprint(jwk);
    extension.#sign = (claims) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
        .sign(privateKey);
    return extension;
  }

  /** Query of a good request, with changes. */
  query(changes: Record<string, string | undefined> = {}): string {
    const all = {
      client_id: EXTENSION_CLIENT_ID,
      redirect_uri: REDIRECT,
      response_type: 'code',
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state: 'the state',
      ...(this.thumbprint ? { dpop_jkt: this.thumbprint } : {}),
      ...changes,
    };
    const given = Object.entries(all).filter((entry) => entry[1] !== undefined);
    return new URLSearchParams(given as [string, string][]).toString();
  }

  /** Claims of a good proof, with changes. */
  async proof(method: string, path: string, changes: object = {}, token?: string) {
    const claims = {
      htm: method,
      htu: PUBLIC_URL + path,
      iat: Math.floor(test.nowMs() / 1000),
      jti: randomBytes(12).toString('base64url'),
      ...(token ? { ath: createHash('sha256').update(token).digest('base64url') } : {}),
      ...changes,
    };
    return (await this.#sign?.(claims)) ?? '';
  }

  async headers(method: string, path: string, token?: string): Promise<Record<string, string>> {
    return this.#sign ? { dpop: await this.proof(method, path, {}, token) } : {};
  }

  /** The person allows it. @returns the code */
  async code(): Promise<string> {
    const answer = await visitor.post(`/oauth2/authorize?${this.query()}`, { answer: 'allow' });
    return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  }

  async exchange(code: string, changes: Record<string, string> = {}): Promise<Response> {
    const form = {
      grant_type: 'authorization_code',
      client_id: EXTENSION_CLIENT_ID,
      redirect_uri: REDIRECT,
      code_verifier: this.verifier,
      code,
      ...changes,
    };
    const headers = await this.headers('POST', '/oauth2/token');
    return test.api.call('POST', '/oauth2/token', { form, headers });
  }

  async tokens(): Promise<TokenSet> {
    return TokenSet.parse(await (await this.exchange(await this.code())).json());
  }

  async refresh(token: string, headers?: Record<string, string>): Promise<Response> {
    return test.api.call('POST', '/oauth2/token', {
      form: { grant_type: 'refresh_token', refresh_token: token },
      headers: headers ?? (await this.headers('POST', '/oauth2/token')),
    });
  }

  async me(token: string, scheme = 'DPoP', proof?: string): Promise<Response> {
    const dpop = proof ?? (await this.proof('GET', '/v1/me', {}, token));
    const headers: Record<string, string> = { authorization: `${scheme} ${token}` };
    if (dpop) headers.dpop = dpop;
    return test.api.call('GET', '/v1/me', { headers });
  }
}

/** `error` of an OAuth failure, after its status. */
async function errorOf(answer: Response): Promise<unknown[]> {
  return [answer.status, ((await answer.json()) as { error?: unknown }).error];
}

describe('the authorization code', () => {
  beforeAll(start);

  it('is asked for on a page that names the person, the browser and what it may', async () => {
    const page = await visitor.get(`/oauth2/authorize?${new Extension().query()}`);
    const text = await page.text();
    for (const words of [EMAIL, 'Chrome 156 on Linux', 'Deny', 'Allow']) {
      expect(text).toContain(words);
    }
    expect(page.headers.get('content-security-policy')).toContain(
      `form-action 'self' ${new URL(REDIRECT).origin}`,
    );
  });

  it('comes back with state and iss, and brings tokens with the scopes of the extension', async () => {
    const extension = new Extension();
    const path = `/oauth2/authorize?${extension.query()}`;
    const allowed = await visitor.post(path, { answer: 'allow' });
    const back = new URL(allowed.headers.get('location') ?? '');
    expect(back.origin + back.pathname).toBe(REDIRECT);
    expect(back.searchParams.get('state')).toBe('the state');
    expect(back.searchParams.get('iss')).toBe(PUBLIC_URL);
    const tokens = TokenSet.parse(
      await (await extension.exchange(back.searchParams.get('code') ?? '')).json(),
    );
    expect(tokens).toMatchObject({
      token_type: 'Bearer',
      scope: 'hubs:read hubs:write keys:issue',
      expires_in: 600,
    });
    expect((await test.api.call('GET', '/v1/me', { token: tokens.access_token })).status).toBe(200);
  });

  it('is not given to whoever is denied or not signed in', async () => {
    const path = `/oauth2/authorize?${new Extension().query()}`;
    const denied = await visitor.post(path, { answer: 'deny' });
    expect(new URL(denied.headers.get('location') ?? '').searchParams.get('error')).toBe(
      'access_denied',
    );
    const stranger = await new Visitor(test).get(path);
    expect(stranger.headers.get('location')).toMatch(/^\/sign-in\?next=%2Foauth2%2Fauthorize%3F/);
  });

  it('is sent to the address that Firefox makes of the extension’s id', async () => {
    const hash = createHash('sha1').update(FIREFOX_EXTENSION_ID).digest('hex');
    const redirect = `https://${hash}.extensions.allizom.org/`;
    const query = new Extension().query({ redirect_uri: redirect });
    const denied = await visitor.post(`/oauth2/authorize?${query}`, { answer: 'deny' });
    expect(denied.headers.get('location')).toMatch(redirect);
  });

  it.each([
    ['another client', { client_id: 'other' }],
    ['no redirect address', { redirect_uri: undefined }],
    ['another extension', { redirect_uri: extensionRedirectUri('a'.repeat(32)) }],
    ['a longer redirect address', { redirect_uri: `${REDIRECT}x` }],
    ['a redirect address with a query', { redirect_uri: `${REDIRECT}?a=b` }],
  ])('is never sent anywhere for %s', async (_, changes) => {
    const page = await visitor.get(`/oauth2/authorize?${new Extension().query(changes)}`);
    expect([page.status, page.headers.get('location')]).toEqual([400, null]);
  });

  it.each([
    ['invalid_request', { code_challenge: undefined }],
    ['invalid_request', { code_challenge_method: 'plain' }],
    ['invalid_request', { state: undefined }],
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_scope', { scope: 'hubs:read hub:self' }],
  ])('is refused with %s for %j', async (error, changes) => {
    const page = await visitor.get(`/oauth2/authorize?${new Extension().query(changes)}`);
    const back = new URL(page.headers.get('location') ?? '');
    expect([back.searchParams.get('error'), back.searchParams.get('iss')]).toEqual([
      error,
      PUBLIC_URL,
    ]);
  });

  it.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }],
    ['another redirect address', { redirect_uri: 'https://evil.test/' }],
    ['a made-up code', { code: 'htc_nonsense' }],
  ])('is worth nothing with %s', async (_, changes) => {
    const extension = new Extension();
    const answer = await extension.exchange(await extension.code(), changes);
    expect(await errorOf(answer)).toEqual([400, 'invalid_grant']);
  });

  it('lives 60 seconds', async () => {
    const extension = new Extension();
    const code = await extension.code();
    test.pass(60_000);
    expect(await errorOf(await extension.exchange(code))).toEqual([400, 'invalid_grant']);
  });

  it('works once; a replay ends what the first use brought', async () => {
    const extension = new Extension();
    const code = await extension.code();
    const tokens = TokenSet.parse(await (await extension.exchange(code)).json());
    expect(await errorOf(await extension.exchange(code))).toEqual([400, 'invalid_grant']);
    expect((await test.api.call('GET', '/v1/me', { token: tokens.access_token })).status).toBe(401);
    expect(await errorOf(await extension.refresh(tokens.refresh_token ?? ''))).toEqual([
      400,
      'invalid_grant',
    ]);
  });
});

describe('a sign-in', () => {
  beforeEach(start);

  it('ends after 14 days without use, and after 30 days with it', async () => {
    const extension = new Extension();
    const idle = await extension.tokens();
    let tokens = await extension.tokens();
    test.pass(7 * DAY_MS);
    tokens = TokenSet.parse(await (await extension.refresh(tokens.refresh_token ?? '')).json());
    test.pass(7 * DAY_MS);
    expect(await errorOf(await extension.refresh(idle.refresh_token ?? ''))).toEqual([
      400,
      'invalid_grant',
    ]);
    for (const days of [8, 8]) {
      const answer = await extension.refresh(tokens.refresh_token ?? '');
      tokens = TokenSet.parse(await answer.json());
      test.pass(days * DAY_MS);
    }
    expect((await extension.refresh(tokens.refresh_token ?? '')).status).toBe(400);
  });

  it('is listed on the account page, and ends there', async () => {
    const extension = new Extension();
    const tokens = await extension.tokens();
    const text = await (await visitor.get('/account')).text();
    expect(text).toContain('Chrome 156 on Linux');
    const id = /name="id" value="([0-9A-Z]{26})"/.exec(text)?.[1] ?? '';
    const foreign = new Visitor(test);
    const ben = await makePerson(test, 'ben@example.test');
    await foreign.signIn('ben@example.test', ben.password);
    const isAlive = async () =>
      (await test.api.call('GET', '/v1/me', { token: tokens.access_token })).status === 200;
    await foreign.post('/account/grants/end', { id });
    expect(await isAlive()).toBe(true);
    await visitor.post('/account/grants/end', { id });
    expect(await isAlive()).toBe(false);
  });

  it('ends with sign-out everywhere, as do sessions of browsers and codes', async () => {
    const extension = new Extension();
    const tokens = await extension.tokens();
    const code = await extension.code();
    await visitor.post('/account/sign-out-everywhere', {});
    expect((await test.api.call('GET', '/v1/me', { token: tokens.access_token })).status).toBe(401);
    expect((await visitor.get('/account')).status).toBe(303);
    expect(await errorOf(await extension.exchange(code))).toEqual([400, 'invalid_grant']);
  });
});

describe('tokens made for a key', () => {
  beforeAll(start);

  it('work with a proof for this request, this token and this key only', async () => {
    const extension = await Extension.withKey();
    const { access_token: token, token_type: type } = await extension.tokens();
    expect(type).toBe('DPoP');
    expect((await extension.me(token)).status).toBe(200);

    const other = await Extension.withKey();
    const proof = (changes: object) => extension.proof('GET', '/v1/me', changes, token);
    const used = await proof({});
    await extension.me(token, 'DPoP', used);
    const tries: [string, Response][] = [
      ['as a bearer token', await test.api.call('GET', '/v1/me', { token })],
      ['bearer with a proof', await extension.me(token, 'Bearer')],
      ['another key', await other.me(token)],
      ['a proof that was used', await extension.me(token, 'DPoP', used)],
      ['another method', await extension.me(token, 'DPoP', await proof({ htm: 'POST' }))],
      ['another path', await extension.me(token, 'DPoP', await proof({ htu: `${PUBLIC_URL}/x` }))],
      [
        'another server',
        await extension.me(token, 'DPoP', await proof({ htu: 'https://b/v1/me' })),
      ],
      ['another token', await extension.me(token, 'DPoP', await proof({ ath: 'x' }))],
      ['no token', await extension.me(token, 'DPoP', await proof({ ath: undefined }))],
      ['an old proof', await extension.me(token, 'DPoP', await proof({ iat: 1 }))],
      ['no time', await extension.me(token, 'DPoP', await proof({ iat: undefined }))],
      ['no id', await extension.me(token, 'DPoP', await proof({ jti: undefined }))],
      ['nonsense', await extension.me(token, 'DPoP', 'nonsense')],
    ];
    const passed = tries.filter(([, answer]) => answer.status !== 401).map(([name]) => name);
    expect(passed).toEqual([]);
  });

  it('refresh with the same key only; a thief without it cannot even end the sign-in', async () => {
    const extension = await Extension.withKey();
    const { refresh_token: token = '' } = await extension.tokens();
    const other = await Extension.withKey();
    expect(await errorOf(await extension.refresh(token, {}))).toEqual([400, 'invalid_dpop_proof']);
    expect(await errorOf(await other.refresh(token))).toEqual([400, 'invalid_dpop_proof']);
    expect((await extension.refresh(token)).status).toBe(200);
  });

  it('need the key that the request for the code named', async () => {
    const extension = await Extension.withKey();
    const other = await Extension.withKey();
    const code = await extension.code();
    const answer = await test.api.call('POST', '/oauth2/token', {
      form: {
        grant_type: 'authorization_code',
        client_id: EXTENSION_CLIENT_ID,
        redirect_uri: REDIRECT,
        code_verifier: extension.verifier,
        code,
      },
      headers: await other.headers('POST', '/oauth2/token'),
    });
    expect(await errorOf(answer)).toEqual([400, 'invalid_grant']);
  });
});

describe('the device grant', () => {
  beforeAll(start);

  const ask = (form: Record<string, string>) =>
    test.api.call('POST', '/oauth2/device_authorization', { form });
  const poll = (deviceCode: string, client = HUB_CLIENT_ID) =>
    test.api.call('POST', '/oauth2/token', {
      form: { grant_type: DEVICE_CODE_GRANT, device_code: deviceCode, client_id: client },
    });
  const startHub = async (hostname = 'build-01') =>
    DeviceAuthorization.parse(
      await (await ask({ client_id: HUB_CLIENT_ID, scope: 'hub:register', hostname })).json(),
    );
  const decide = (code: string, answer: string, by = visitor) =>
    by.post('/device/decide', { code, answer });

  it('lets a machine register as a hub of whoever approved its code', async () => {
    const codes = await startHub();
    expect(codes.user_code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(await errorOf(await poll(codes.device_code))).toEqual([400, 'authorization_pending']);
    const shown = await visitor.post('/device', { code: codes.user_code.toLowerCase() });
    const text = await shown.text();
    for (const words of ['Add build-01?', '192.0.2.7, your network', `hub of ${EMAIL}`]) {
      expect(text).toContain(words);
    }
    await decide(codes.user_code, 'approve');
    test.pass(5000);
    const tokens = TokenSet.parse(await (await poll(codes.device_code)).json());
    expect(tokens.scope).toBe('hub:register');
    const { publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const jwk = (await exportJWK(publicKey)) as { kty: 'OKP'; crv: 'Ed25519'; x: string };
    const { kty, crv, x } = jwk;
    const registered = await test.api.ok(HubRegistered, 'POST', '/v1/hub/register', {
      token: tokens.access_token,
      body: registration({ kty, crv, x }),
    });
    const hub = await test.db
      .selectFrom('hubs')
      .select('account_id')
      .where('id', '=', registered.hubId)
      .executeTakeFirst();
    expect(hub?.account_id).toBe((await test.identity.findUserByEmail(EMAIL))?.id);
    expect(await errorOf(await poll(codes.device_code))).toEqual([400, 'invalid_grant']);
  });

  it('gives nothing but registration, and a poll that is too fast is told so', async () => {
    const codes = await startHub();
    await poll(codes.device_code);
    expect(await errorOf(await poll(codes.device_code))).toEqual([400, 'slow_down']);
    await decide(codes.user_code, 'approve');
    test.pass(5000);
    const { access_token: token } = TokenSet.parse(await (await poll(codes.device_code)).json());
    expect((await test.api.call('GET', '/v1/hubs', { token })).status).toBe(401);
  });

  it('can be denied, ends after 10 minutes, and needs a person', async () => {
    const denied = await startHub();
    expect((await decide(denied.user_code, 'approve', new Visitor(test))).status).toBe(303);
    await decide(denied.user_code, 'deny');
    expect(await errorOf(await poll(denied.device_code))).toEqual([400, 'access_denied']);
    const late = await startHub();
    test.pass(10 * 60_000);
    expect(await errorOf(await poll(late.device_code))).toEqual([400, 'expired_token']);
    expect((await decide(late.user_code, 'approve')).status).toBe(400);
  });

  it('warns of a code that was asked for from another network, and then makes Deny the main button', async () => {
    const codes = await startHub();
    test.address.current = '198.51.100.4';
    const text = await (await visitor.post('/device', { code: codes.user_code })).text();
    test.address.current = '192.0.2.7';
    expect(text).toContain('This was asked from 192.0.2.7, not from your network.');
    expect(text).toMatch(/class="button big main" name="answer" value="deny"/);
  });

  it('approves nothing by an address alone', async () => {
    const codes = await startHub();
    const page = await visitor.get(`/device?code=${codes.user_code}`);
    expect(await page.text()).not.toContain('Approve only');
    expect(await errorOf(await poll(codes.device_code))).toEqual([400, 'authorization_pending']);
  });

  it('shows hostile host names as text on one line', async () => {
    const codes = await startHub('<img src=x>\n\u202Eevil');
    const text = await (await visitor.post('/device', { code: codes.user_code })).text();
    expect(text).toContain('Add &lt;img src=x&gt; evil?');
  });

  it('signs an extension in that has no sign-in window, bound to its key', async () => {
    const extension = await Extension.withKey();
    const started = await test.api.call('POST', '/oauth2/device_authorization', {
      form: { client_id: EXTENSION_CLIENT_ID },
      headers: await extension.headers('POST', '/oauth2/device_authorization'),
    });
    const codes = DeviceAuthorization.parse(await started.json());
    await decide(codes.user_code, 'approve');
    expect(await errorOf(await poll(codes.device_code, EXTENSION_CLIENT_ID))).toEqual([
      400,
      'invalid_grant',
    ]);
    const answer = await test.api.call('POST', '/oauth2/token', {
      form: {
        grant_type: DEVICE_CODE_GRANT,
        device_code: codes.device_code,
        client_id: EXTENSION_CLIENT_ID,
      },
      headers: await extension.headers('POST', '/oauth2/token'),
    });
    const tokens = TokenSet.parse(await answer.json());
    expect((await extension.me(tokens.access_token)).status).toBe(200);
  });

  it.each([
    [{ client_id: 'other' }],
    [{ client_id: HUB_CLIENT_ID, scope: 'hubs:read' }],
    [{ client_id: EXTENSION_CLIENT_ID, scope: 'hub:register' }],
  ])('refuses %j', async (form) => {
    expect(await errorOf(await ask(form))).toEqual([400, 'invalid_scope']);
  });
});

describe('the limits of the device grant', () => {
  beforeEach(start);

  it('give a person 5 wrong codes', async () => {
    for (let guess = 0; guess < 5; guess += 1) await visitor.post('/device', { code: '0000-0000' });
    expect((await visitor.post('/device', { code: '0000-0000' })).status).toBe(429);
  });

  it('let 20 codes of one address wait', async () => {
    const ask = async () => {
      const form = { client_id: HUB_CLIENT_ID };
      return (await test.api.call('POST', '/oauth2/device_authorization', { form })).status;
    };
    for (let round = 0; round < 20; round += 1) await ask();
    expect(await ask()).toBe(429);
    test.address.current = '192.0.2.8';
    expect(await ask()).toBe(200);
  });
});

it('the metadata names endpoints that exist', async () => {
  test = await createTestApp();
  const answer = await test.api.call('GET', '/.well-known/oauth-authorization-server');
  const metadata = (await answer.json()) as Record<string, unknown>;
  expect(metadata.issuer).toBe(PUBLIC_URL);
  const endpoints = Object.entries(metadata).filter(([name]) => name.endsWith('_endpoint'));
  expect(endpoints).toHaveLength(4);
  for (const [, url] of endpoints) {
    const path = String(url).slice(PUBLIC_URL.length);
    expect((await test.api.call('GET', path)).status).not.toBe(404);
  }
});
