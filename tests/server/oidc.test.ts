import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OidcServer from 'oidc-provider';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { OidcProvider, type OidcConfig } from '../../server/identity/oidc-provider.ts';
import { createTestApp, PUBLIC_URL, type TestApp } from './support/test-app.ts';
import { makePerson, Visitor } from '../../scripts/visitor.ts';

let server: Server;
let config: OidcConfig;
let test: TestApp;
let visitor: Visitor;

beforeAll(async () => {
  let handle: ReturnType<OidcServer['callback']> | undefined;
  server = createServer((request, response) => handle?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  config = { issuer, clientId: 'hubtab', clientSecret: 'a secret', name: 'Acme', signUp: false };
  const { id } = new OidcProvider(config, () => {});
  const provider = new OidcServer(issuer, {
    clients: [
      {
        client_id: config.clientId,
        client_secret: config.clientSecret,
        redirect_uris: [`${PUBLIC_URL}/api/auth/callback/${id}`],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    findAccount: (_: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, email: `${sub}@example.test`, email_verified: true, name: sub }),
    }),
  });
  handle = provider.callback();
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(async () => {
  test = await createTestApp({}, config);
  visitor = new Visitor(test);
});

/** Signs in at the provider, by its own pages. @returns the path that it sends the browser back to */
async function signInAtProvider(url: string, login: string): Promise<string> {
  const cookies = new Map<string, string>();
  let next = url;
  let init: RequestInit = {};
  for (let step = 0; step < 12; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(next, { ...init, redirect: 'manual', headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    init = {};
    const location = answer.headers.get('location');
    if (location === null) {
      const page = await answer.text();
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
      const action = /action="([^"]+)"/.exec(page)?.[1];
      if (!prompt || !action) throw new Error(`provider: ${answer.status} ${page.slice(0, 500)}`);
      init = {
        method: 'POST',
        body: new URLSearchParams({ prompt, login, password: 'any' }),
      };
      next = new URL(action, next).href;
    } else {
      next = new URL(location, next).href;
      if (next.startsWith(PUBLIC_URL)) return next.slice(PUBLIC_URL.length);
    }
  }
  throw new Error('the provider sends the browser round and round');
}

/** All of it. @returns where the person ends up */
async function signIn(by: Visitor, login: string, from = '/sign-in/oidc'): Promise<string> {
  const started = await by.get(from);
  const back = await signInAtProvider(started.headers.get('location') ?? '', login);
  const ended = await by.get(back);
  return ended.headers.get('location') ?? `${ended.status}`;
}

it('nobody gets an account without an invitation', async () => {
  expect(await signIn(visitor, 'eve')).toMatch(/^\/sign-in\?error=/);
  expect(await test.identity.listUsers()).toEqual([]);
});

it('an invited person gets an account, and signs in with the same identity again', async () => {
  const { account } = await test.signUp('root@example.test');
  const { token } = await test.services.invitations.invite(account, 'member', null);
  await visitor.post('/invitation/oidc', { token });
  expect(await signIn(visitor, 'ana', '/sign-in/oidc?next=/welcome')).toBe('/welcome');
  const again = new Visitor(test);
  expect(await signIn(again, 'ana')).toBe('/account');
  expect(await (await again.get('/account')).text()).toContain('ana@example.test');
  expect(await signIn(new Visitor(test), 'ben')).toMatch(/error/); // the invitation is spent
});

it('an address proves nothing: the identity must be linked first, by who is signed in', async () => {
  const { id, password } = await makePerson(test, 'ana@example.test');
  expect(await signIn(visitor, 'ana')).toMatch(/^\/sign-in\?error=account_not_linked/);
  expect((await visitor.get('/account')).status).toBe(303);
  await visitor.signIn('ana@example.test', password);
  expect(await signIn(visitor, 'other-name', '/account/oidc')).toBe('/account');
  const later = new Visitor(test);
  expect(await signIn(later, 'other-name')).toBe('/account');
  expect(await (await later.get('/account')).text()).toContain('ana@example.test');
  const signIns = await test.db
    .selectFrom('audit')
    .select(['account_id', 'detail'])
    .where('event', '=', 'signed-in')
    .orderBy('seq')
    .execute();
  const address = test.address.current;
  expect(signIns.map((row) => [row.account_id, JSON.parse(row.detail)])).toEqual([
    [id, { kind: 'password', address }],
    [id, { kind: 'oidc', address }],
  ]);
});

it('no token of the provider is kept', async () => {
  const { account } = await test.signUp('root@example.test');
  const { token } = await test.services.invitations.invite(account, 'member', null);
  await visitor.post('/invitation/oidc', { token });
  await signIn(visitor, 'ana');
  const kept = await test.db
    .selectFrom('auth_accounts')
    .select(['providerId', 'accessToken', 'refreshToken', 'idToken'])
    .execute();
  expect(kept).toEqual([
    {
      providerId: expect.stringMatching(/^oidc-/),
      accessToken: null,
      refreshToken: null,
      idToken: null,
    },
  ]);
});
