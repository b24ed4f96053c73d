import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PairingCode, Scope } from '../../../protocol/account.ts';
import { JoinToken } from '../../../protocol/hubs.ts';
import { HeadscaleClient } from '../../../server/headscale/client.ts';
import { TestHub } from '../support/hub.ts';
import { createTestApp, PUBLIC_URL, type TestApp } from '../support/test-app.ts';

const HOSTILE_IDS = [
  '../../user/1',
  '..%2f..%2fuser%2f1',
  '1?user=x',
  '1#x',
  '1/expire',
  '%00',
  'ü',
  '',
];

let test: TestApp;
let alice: string;
let hub: TestHub;
const cleanups: (() => Promise<void>)[] = [];

beforeEach(async () => {
  test = await createTestApp();
  alice = (await test.signUp('alice@example.test')).tokens.access_token;
  hub = await TestHub.register(test.api, alice, { audience: PUBLIC_URL, nowMs: test.nowMs });
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

describe('threats', () => {
  it('stolen access token: no mix of scopes opens another account’s hub', async () => {
    const { account } = await test.signUp('bob@example.test');
    const names = Scope.options.filter((scope) => scope !== 'hub:self');
    const doors = [
      ['GET', ''],
      ['POST', '/browser-key'],
      ['DELETE', ''],
      ['POST', '/rejoin-approval'],
    ] as const;
    for (let mix = 0; mix < 2 ** names.length; mix += 1) {
      const scopes = names.filter((_, bit) => (mix >> bit) % 2 === 1);
      const { access_token: token } = await test.identity.issueTokens(account.id, scopes);
      for (const [method, door] of doors) {
        const path = `/v1/hubs/${hub.id}${door}`;
        const { status } = await test.api.call(method, path, { token });
        expect([scopes, method, door, [403, 404].includes(status)]).toEqual([
          scopes,
          method,
          door,
          true,
        ]);
      }
    }
  });

  it('path injection: whatever an id is, our API finds nothing', async () => {
    for (const id of HOSTILE_IDS.filter((hostile) => hostile !== '')) {
      const path = `/v1/hubs/${hub.id}/shares/${encodeURIComponent(id)}`;
      expect((await test.api.problem('DELETE', path, { token: alice })).code).toBe('not-found');
      const other = `/v1/hubs/${encodeURIComponent(id)}`;
      expect((await test.api.problem('GET', other, { token: alice })).code).toBe('not-found');
    }
  });

  it('path injection: whatever an id is, Headscale is asked at one shape of path', async () => {
    const asked: string[] = [];
    // Only records: the real one would hide what it was asked behind its answer.
    const recorder = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.setHeader('content-type', 'application/json').end('{"users":[],"nodes":[]}');
    });
    await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => new Promise((resolve) => recorder.close(() => resolve())));
    const url = `http://127.0.0.1:${(recorder.address() as AddressInfo).port}`;
    const client = new HeadscaleClient({ url, apiKey: () => 'key' });
    for (const id of HOSTILE_IDS.filter((hostile) => hostile !== '' && hostile !== '..')) {
      await client.deleteNode(id);
      await client.expireNode(id);
      await client.deleteUser(id);
      await client.findUser(id);
      await client.listNodes(id);
    }
    const shapes = asked.map((path) =>
      path.replace(/(node|user)\/[^/?#]+/, '$1/ID').replace(/=[^&#?/]+$/, '=VALUE'),
    );
    expect([...new Set(shapes)].sort()).toEqual([
      '/api/v1/node/ID',
      '/api/v1/node/ID/expire',
      '/api/v1/node?user=VALUE',
      '/api/v1/user/ID',
      '/api/v1/user?name=VALUE',
    ]);
  });

  it('database stolen: none of the secrets that went out is in it', async () => {
    const { token } = await test.api.ok(JoinToken, 'POST', '/v1/hubs/join-tokens', {
      token: alice,
    });
    const { code } = await test.api.ok(PairingCode, 'POST', '/v1/pairing-codes', { token: alice });
    const secrets = [alice, token, code, code.replace('-', ''), await hub.token()];
    const tables = await test.db.introspection.getTables();
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const { rows } = await sql`select * from ${sql.table(name)}`.execute(test.db);
      const text = JSON.stringify(rows);
      for (const secret of secrets) expect([name, text.includes(secret)]).toEqual([name, false]);
    }
  });

  it('timing: a token that is there and one that is not take equally long to refuse', async () => {
    const { account } = await test.signUp('bob@example.test');
    const { access_token: known } = await test.identity.issueTokens(account.id, ['hubs:read']);
    await test.db.updateTable('access_tokens').set({ expires_at_ms: 1 }).execute();
    const unknown = known.replace(/.{8}$/, 'AAAAAAAA');
    const tookMs = { known: [] as number[], unknown: [] as number[] };
    for (let sample = 0; sample < 200; sample += 1) {
      for (const [kind, token] of Object.entries({ known, unknown })) {
        const startedAtMs = performance.now();
        const { status } = await test.api.call('GET', '/v1/me', { token });
        tookMs[kind as keyof typeof tookMs].push(performance.now() - startedAtMs);
        expect(status).toBe(401);
      }
    }
    const median = (values: number[]) => values.toSorted((a, b) => a - b)[100] ?? 0;
    expect(Math.abs(median(tookMs.known) - median(tookMs.unknown))).toBeLessThan(10);
  });

  it('forgery across sites: a page can neither read an answer nor send what we take', async () => {
    const headers = { origin: 'https://evil.example', 'content-type': 'text/plain' };
    const sent = await test.app.request('/v1/hubs/join-tokens', {
      method: 'POST',
      headers: { ...headers, cookie: `access_token=${alice}` },
      body: '{}',
    });
    expect(sent.status).toBe(401); // the API knows no cookies
    const body = await test.app.request('/v1/pair', {
      method: 'POST',
      headers,
      body: '{"code":"0000-0000"}',
    });
    expect([body.status, body.headers.get('access-control-allow-origin')]).toEqual([415, null]);
    const preflight = await test.app.request('/v1/hubs', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'DELETE' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });
});
