import { beforeAll, describe, expect, it } from 'vitest';
import { ProblemCode } from '../../protocol/problem.ts';
import { readProblem } from './support/api.ts';
import { readOperations } from './support/openapi.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let test: TestApp;
let alice: string;

beforeAll(async () => {
  test = await createTestApp();
  alice = (await test.signUp('alice@example.test')).tokens.access_token;
});

const ANY_ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const ANY = { id: ANY_ID, nodeId: '1', shareId: ANY_ID, noticeId: ANY_ID };

/** Routes that the document does not describe: pages, and files for people, shells and Prometheus. */
const NOT_DESCRIBED = [
  'GET /',
  'GET /help',
  'GET /problems/:code',
  'GET /install.sh',
  'GET /install/:platform/:name',
  'GET /install/hubtab.mjs',
  'GET /metrics', // Prometheus's own format
  'GET /openapi.json',
];

/** Pages for people, and what their scripts ask: sign-in.test.ts and the like try these. */
const PAGES =
  /^\w+ \/(setup|invitation|welcome|sign-in|sign-out|account|device|admin|oauth2\/authorize|assets|api\/auth)\b/;

describe('the OpenAPI document', () => {
  it('describes every route of the app, and none that is not there', async () => {
    const described = (await readOperations(test.api)).map(({ name }) => name);
    const isRoute = ({ method, path }: { method: string; path: string }) =>
      method !== 'ALL' && !path.includes('*') && !PAGES.test(`${method} ${path}`);
    const served = new Set(
      test.app.routes.filter(isRoute).map(({ method, path }) => `${method} ${path}`),
    );
    for (const route of NOT_DESCRIBED) expect(served.delete(route) || route).toBe(true);
    const asDescribed = [...served].map((route) => route.replaceAll(/:(\w+)/g, '{$1}'));
    expect(asDescribed.sort()).toEqual(described.sort());
  });

  it.each([
    ['no token', {}],
    ['a garbage token', { authorization: 'Bearer garbage' }],
    ['a token in another scheme', { authorization: 'Basic YTpi' }],
    ['two tokens', { authorization: 'Bearer a b' }],
    ['a very long token', { authorization: `Bearer ${'a'.repeat(5000)}` }],
  ])('every other door answers 401 to %s', async (_, headers: Record<string, string>) => {
    const closed = (await readOperations(test.api)).filter(({ scheme }) => scheme !== undefined);
    expect(closed.length).toBeGreaterThan(10);
    for (const { method, name, scheme, pathWith } of closed) {
      const response = await test.api.call(method, pathWith(ANY), { headers });
      const challenge = response.headers.get('www-authenticate');
      const problem = await readProblem(response);
      // A cookie is not asked for by a challenge (RFC 9110 has none for it).
      const isBearer = challenge?.startsWith('Bearer') ?? false;
      expect([name, problem.status, isBearer]).toEqual([name, 401, scheme !== 'adminCookie']);
    }
  });
});

describe('requests that are not right', () => {
  it('to unknown paths are problems', async () => {
    expect((await test.api.problem('GET', '/v1/nothing')).code).toBe('not-found');
    expect((await test.api.problem('GET', '/%2e%2e/etc/passwd')).code).toBe('not-found');
  });

  it('with another method are told which there are', async () => {
    const response = await test.api.call('PUT', '/v1/hubs', { token: alice });
    expect(response.headers.get('allow')).toContain('GET');
    expect((await readProblem(response)).code).toBe('method-not-allowed');
  });

  it('with another method on a path that looks like a hub’s are told the right ones', async () => {
    const response = await test.api.call('PUT', '/v1/hubs/join-tokens', { token: alice });
    expect(response.headers.get('allow')).toBe('POST');
  });

  it('that change nothing are refused', async () => {
    const path = '/v1/hubs/01ARZ3NDEKTSV4RRFFQ69G5FAV';
    expect((await test.api.problem('PATCH', path, { token: alice, body: {} })).status).toBe(400);
    expect((await test.api.problem('PATCH', path, { token: alice })).status).toBe(400);
  });

  it.each([
    ['no body', undefined, undefined],
    ['no content type', undefined, '{"code":"x"}'],
    ['another content type', 'text/plain', '{"code":"x"}'],
    ['broken JSON', 'application/json', '{"code":'],
    ['an array', 'application/json', '[]'],
    ['null', 'application/json', 'null'],
    ['a number for a text', 'application/json', '{"code":1}'],
    ['a prototype', 'application/json', '{"__proto__":{"code":"x"}}'],
    ['deep nesting', 'application/json', '['.repeat(8000)],
    ['bytes', 'application/json', '\u0000\u0001\uFFFF'],
  ])('with %s are refused', async (_, type, body) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    const init: RequestInit = { method: 'POST', headers };
    if (body !== undefined) init.body = new TextEncoder().encode(body);
    const problem = await readProblem(await test.app.request('/v1/pair', init));
    expect(problem.code).toBe('bad-request');
  });

  it('with more than 16 KiB are refused', async () => {
    const body = { code: 'x'.repeat(20_000) };
    expect((await test.api.problem('POST', '/v1/pair', { body })).code).toBe('body-too-large');
  });

  it('with unknown fields in a patch are refused by name, without repeating values', async () => {
    const body = { name: 'a', colour: 'secret-value' };
    const path = '/v1/hubs/01ARZ3NDEKTSV4RRFFQ69G5FAV';
    const problem = await test.api.problem('PATCH', path, { token: alice, body });
    expect(problem.detail).toContain('colour');
    expect(problem.detail).not.toContain('secret-value');
  });

  it.each([
    ['none at all', undefined, 'not-found'],
    ['an empty one that claims to be JSON', '', 'not-found'],
    ['an empty object', '{}', 'not-found'],
    ['an instance', '{"instance":"0123456789abcdef"}', 'not-found'],
    ['an instance that is too short', '{"instance":"a"}', 'bad-request'],
    ['an instance that is none', '{"instance":["0123456789abcdef"]}', 'bad-request'],
    ['no JSON', '{', 'bad-request'],
  ])('to the door for browser keys may be %s: %j is answered %s', async (_, body, code) => {
    const path = '/v1/hubs/01ARZ3NDEKTSV4RRFFQ69G5FAV/browser-key';
    const headers: Record<string, string> = { authorization: `Bearer ${alice}` };
    const init: RequestInit = { method: 'POST', headers };
    if (body !== undefined) {
      init.body = body;
      headers['content-type'] = 'application/json';
    }
    expect((await readProblem(await test.app.request(path, init))).code).toBe(code);
  });

  it('with a strange Idempotency-Key are refused', async () => {
    const headers = { 'idempotency-key': 'x'.repeat(129) };
    const path = '/v1/hubs/01ARZ3NDEKTSV4RRFFQ69G5FAV/browser-key';
    const problem = await test.api.problem('POST', path, { token: alice, headers });
    expect(problem.code).toBe('bad-request');
  });
});

describe('every answer', () => {
  it('has safe headers, is not stored, and allows no other origin', async () => {
    const headers = { origin: 'https://evil.example' };
    const response = await test.api.call('GET', '/v1/me', { token: alice, headers });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    expect(response.headers.has('access-control-allow-origin')).toBe(false);
  });

  it('has a request id of our own making', async () => {
    const headers = { 'x-request-id': 'htr_secret' };
    const response = await test.api.call('GET', '/healthz', { headers });
    expect(response.headers.get('x-request-id')).not.toBe('htr_secret');
  });
});

describe('doors for everybody', () => {
  it('tell that this is a Hubtab server', async () => {
    const response = await test.api.call('GET', '/v1/server');
    expect(await response.json()).toEqual({
      name: 'hubtab',
      version: '0.0.0',
      issuer: 'https://hubtab.example',
      controlUrls: ['https://headscale.example'],
    });
    const page = await test.api.call('GET', '/');
    expect(await page.text()).toContain('This is a Hubtab server');
  });

  it('lead from the type of each problem to what can be done about it', async () => {
    const help = await (await test.api.call('GET', '/help')).text();
    const problem = await test.api.problem('GET', '/nowhere');
    for (const type of [problem.type, ...ProblemCode.options.map((code) => `/problems/${code}`)]) {
      const answer = await test.api.call('GET', type);
      expect([type, answer.status]).toEqual([type, 302]);
      const [path, heading] = answer.headers.get('location')?.split('#') ?? [];
      expect(path).toBe('/help');
      expect(help).toContain(`<h2 id="${heading}">`);
    }
    expect(await test.api.problem('GET', '/problems/none')).toMatchObject({ status: 404 });
  });

  it('tell life from readiness', async () => {
    expect((await test.api.call('GET', '/healthz')).status).toBe(200);
    const problem = await test.api.problem('GET', '/readyz');
    expect(problem).toMatchObject({ status: 503, code: 'headscale-unavailable' });
  });

  it('are not ready without room on the disk', async () => {
    const readyz = async () => (await test.api.call('GET', '/readyz')).json() as Promise<unknown>;
    expect(await readyz()).toMatchObject({ checks: { disk: 'ok' } });
    test.disk.freeBytes = 1e6;
    expect(await readyz()).toMatchObject({
      detail: expect.stringMatching(/^The disk of the data directory is full/) as string,
      checks: { disk: 'failed' },
    });
  });
});
