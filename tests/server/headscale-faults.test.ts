import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { BrowserKey, HubList } from '../../protocol/hubs.ts';
import { versionProblem } from '../../server/headscale/version.ts';
import { joinWithoutNode } from './support/hub.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: Parameters<typeof startTestServer>[0] = {}): Promise<TestServer> {
  const test = await startTestServer(options);
  cleanups.push(() => test.stop());
  return test;
}

/** A hub that counts as joined, without a node: these tests never reach it. */
async function joinedHub(test: TestServer, token: string): Promise<string> {
  const hub = await test.registerHub(token);
  await joinWithoutNode(test.services.db, hub.id);
  return hub.id;
}

function kill(test: TestServer, signal: NodeJS.Signals): void {
  const pid = test.server.headscalePid();
  if (pid === undefined) throw new Error('Headscale does not run');
  process.kill(pid, signal);
}

/** The server gives Headscale 0.6 s; a busy machine adds to that, but not the 5 s of a call that waits. */
const QUICK_MS = 4000;

async function expectQuick503(test: TestServer, token: string, path: string): Promise<void> {
  const startedAtMs = performance.now();
  const response = await test.api.call('POST', path, { token });
  const tookMs = performance.now() - startedAtMs;
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
  expect(await response.json()).toMatchObject({ code: 'headscale-unavailable' });
  expect(tookMs).toBeLessThan(QUICK_MS);
}

it('a killed Headscale means 503 within a second, stale lists, and comes back by itself', async () => {
  const test = await start();
  const token = await test.signUp('alice@example.test');
  const path = `/v1/hubs/${await joinedHub(test, token)}/browser-key`;
  await test.api.ok(BrowserKey, 'POST', path, { token });
  kill(test, 'SIGKILL');
  await until('it is gone', () => test.server.headscalePid() === undefined);
  await expectQuick503(test, token, path);
  test.services.directory.invalidate();
  const list = await test.api.ok(HubList, 'GET', '/v1/hubs', { token });
  expect(list.staleSince).not.toBeNull();
  expect((await test.api.call('GET', '/readyz')).status).toBe(503);
  await until('ready again', async () => (await test.api.call('GET', '/readyz')).ok, 10_000);
  await test.api.ok(BrowserKey, 'POST', path, { token });
});

it('a Headscale that hangs means 503 and a stale list within a second', async () => {
  const test = await start();
  const token = await test.signUp('alice@example.test');
  const path = `/v1/hubs/${await joinedHub(test, token)}/browser-key`;
  kill(test, 'SIGSTOP');
  try {
    await expectQuick503(test, token, path);
    test.services.directory.invalidate();
    const startedAtMs = performance.now();
    const list = await test.api.ok(HubList, 'GET', '/v1/hubs', { token });
    expect(performance.now() - startedAtMs).toBeLessThan(QUICK_MS);
    expect(list.staleSince).not.toBeNull();
  } finally {
    kill(test, 'SIGCONT');
  }
});

it('a hub deleted while Headscale is down is gone from it later', async () => {
  const test = await start();
  const token = await test.signUp('alice@example.test');
  const hub = await test.registerHub(token);
  const name = `hub-${hub.id.toLowerCase()}`;
  await hub.key();
  expect(await test.services.headscale.findUser(name)).toBeDefined();
  kill(test, 'SIGKILL');
  await until('it is gone', () => test.server.headscalePid() === undefined);
  expect((await test.api.call('DELETE', `/v1/hubs/${hub.id}`, { token })).status).toBe(204);
  expect((await test.api.problem('GET', `/v1/hubs/${hub.id}`, { token })).code).toBe('not-found');
  await until(
    'Headscale is back',
    async () => (await test.services.gate.current()).kind === 'open',
  );
  await test.services.maintenance.reconcile();
  expect(await test.services.headscale.findUser(name)).toBeUndefined();
});

it('a user that Headscale has already is adopted', async () => {
  const test = await start();
  const token = await test.signUp('alice@example.test');
  const hub = await test.registerHub(token);
  await test.services.db.updateTable('hubs').set({ headscale_user_id: null }).execute();
  await hub.key();
  const user = await test.services.headscale.findUser(`hub-${hub.id.toLowerCase()}`);
  const row = await test.services.db.selectFrom('hubs').selectAll().executeTakeFirstOrThrow();
  expect(row.headscale_user_id).toBe(user?.id);
});

it('a user that Headscale lost is made again', async () => {
  const test = await start();
  const token = await test.signUp('alice@example.test');
  const hub = await test.registerHub(token);
  const name = `hub-${hub.id.toLowerCase()}`;
  const user = await test.services.headscale.findUser(name);
  await test.services.headscale.deleteUser(user?.id ?? '');
  await hub.key();
  expect(await test.services.headscale.findUser(name)).toBeDefined();
});

it('no keys are issued under another policy than ours', async () => {
  const test = await start();
  const token = await test.signUp('alice@example.test');
  const path = `/v1/hubs/${await joinedHub(test, token)}/browser-key`;
  await test.server.internals.reconciler.stop(); // it would put ours back
  const policy = join(test.dataDir, 'headscale', 'policy.hujson');
  writeFileSync(policy, readFileSync(policy, 'utf8').replace('tcp:22', 'tcp:23'));
  kill(test, 'SIGHUP'); // Headscale reads its policy again
  await until(
    'the gate is closed',
    async () => (await test.services.gate.check()).kind === 'refused',
  );
  const problem = await test.api.problem('POST', path, { token });
  expect([problem.status, problem.detail]).toEqual([
    503,
    expect.stringContaining('another network policy'),
  ]);
});

it('the API key is kept and reused, and replaced when Headscale refuses it', async () => {
  const first = await startTestServer();
  cleanups.push(() => first.stop());
  const path = join(first.dataDir, 'headscale', 'api-key');
  const key = readFileSync(path, 'utf8');
  await first.server.stop();
  const second = await start({ dataDir: first.dataDir });
  expect(readFileSync(path, 'utf8')).toBe(key);
  await second.server.stop();
  writeFileSync(
    path,
    'hskey-api-aaaaaaaaaaaa-0000000000000000000000000000000000000000000000000000',
  );
  const third = await start({ dataDir: first.dataDir });
  expect(third.services.gate.state.kind).toBe('open');
  expect(readFileSync(path, 'utf8')).not.toBe(key);
});

it('an external Headscale that is down at the start is used once it is there', async () => {
  const host = await start();
  const apiKeyFile = join(host.dataDir, 'headscale', 'api-key');
  const url = host.server.headscaleUrl;
  kill(host, 'SIGKILL');
  await until('it is gone', () => host.server.headscalePid() === undefined);
  const test = await start({ headscale: { url, apiKeyFile } });
  expect((await test.api.call('GET', '/readyz')).status).toBe(503);
  await until('ready', async () => (await test.api.call('GET', '/readyz')).ok, 10_000);
});

it('a Headscale of a version that refuses browsers is refused at the start', async () => {
  // The one fault a real Headscale of the pinned version cannot show.
  const old = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(request.url === '/version' ? '{"version":"v0.29.1"}' : '{"status":"pass"}');
  });
  await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => old.close(() => resolve())));
  const url = `http://127.0.0.1:${(old.address() as AddressInfo).port}`;
  await expect(start({ headscale: { url, apiKeyFile: '/nonexistent' } })).rejects.toThrow(
    /Headscale 0\.29\.1 is not supported; install 0\.29\.2/,
  );
});

it.each([
  ['v0.29.2', true],
  ['v0.29.10', true],
  ['v0.29.1', false],
  ['v0.30.0', false],
  ['v1.29.3', false],
  ['dev', false],
])('version %s: supported is %s', (version, isSupported) => {
  expect(versionProblem(version) === undefined).toBe(isSupported);
});
