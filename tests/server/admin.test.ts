import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXTENSION_SCOPES } from '../../protocol/account.ts';
import {
  AdminAuditList,
  AdminAuditVerdict,
  AdminBackup,
  AdminHealth,
  AdminHubList,
  AdminKeyList,
} from '../../protocol/admin.ts';
import { BrowserKey } from '../../protocol/hubs.ts';
import { heartbeat, type TestHub } from './support/hub.ts';
import { TailscaleNode } from './support/tailscale-node.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';
import { until } from './support/until.ts';
import { makePerson, signInAdmin, visit, type Visitor } from '../../scripts/visitor.ts';

let test: TestServer;
let admin: Visitor;
const nodes: TailscaleNode[] = [];

beforeAll(async () => {
  test = await startTestServer();
  admin = await signInAdmin(test.server, 'ana@example.test');
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await test?.stop();
});

async function idOf(email: string): Promise<string> {
  const account = await test.services.identity.findUserByEmail(email);
  return account?.id ?? '';
}

async function signIn(email: string): Promise<string> {
  const tokens = await test.services.identity.issueTokens(await idOf(email), EXTENSION_SCOPES);
  return tokens.access_token;
}

async function newNode(authKey: Parameters<TailscaleNode['join']>[0]): Promise<TailscaleNode> {
  const node = new TailscaleNode();
  nodes.push(node);
  await node.join(authKey);
  return node;
}

/** A hub with a real node that told its sessions. */
async function joinedHub(
  token: string,
  name: string,
): Promise<{ hub: TestHub; node: TailscaleNode }> {
  const hub = await test.registerHub(token, name);
  const node = await newNode(await hub.key());
  const sessions = [{ name: 'secret-plan', state: 'waiting' as const, isAgent: true }];
  const body = { ...heartbeat(await node.nodeKey()), sessions };
  await test.api.call('POST', '/v1/hub/heartbeat', { token: await hub.token(), body });
  return { hub, node };
}

function keyOf(hub: TestHub, token: string): Promise<BrowserKey> {
  return test.api.ok(BrowserKey, 'POST', `/v1/hubs/${hub.id}/browser-key`, { token });
}

async function page(path: string): Promise<string> {
  test.services.directory.invalidate();
  const answer = await admin.get(path);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`);
  return text;
}

/** The newest entries of the audit log, as `event` and what they say. */
async function entries(account?: string) {
  const query = account === undefined ? '' : `?account=${account}`;
  const headers = { cookie: admin.cookie };
  return (await test.api.ok(AdminAuditList, 'GET', `/v1/admin/audit${query}`, { headers })).entries;
}

it('sends people on to what they lack, and members away', async () => {
  const { password } = await makePerson(test, 'member@example.test');
  const member = visit(test.server);
  const nobody = await member.get('/admin/keys');
  expect(nobody.headers.get('location')).toBe('/sign-in?next=%2Fadmin%2Fkeys');
  await member.signIn('member@example.test', password);
  for (const path of ['/admin', '/admin/accounts', '/admin/hubs/x', '/admin/health']) {
    expect((await member.get(path)).status).toBe(403);
  }
  const { password: other } = await makePerson(test, 'second@example.test', 'admin');
  const second = visit(test.server);
  await second.signIn('second@example.test', other);
  expect((await second.get('/admin/hubs')).headers.get('location')).toBe('/account?need=factor');
  await second.addTotp(other);
  expect((await second.get('/admin/hubs')).status).toBe(200);
  await test.services.db
    .updateTable('auth_sessions')
    .set({ createdAt: new Date(Date.now() - 11 * 60_000).toISOString() })
    .where('userId', '=', await idOf('second@example.test'))
    .execute();
  expect((await second.get('/admin/hubs')).headers.get('location')).toBe(
    '/sign-in?next=%2Fadmin%2Fhubs&why=confirm',
  );
});

it('shows accounts, hubs, browsers and keys, cuts a browser and an account off, and hides the rest', async () => {
  await makePerson(test, 'dev@example.test');
  const dev = await signIn('dev@example.test');
  const { hub, node } = await joinedHub(dev, 'build-01');
  const [laptop, phone] = [await signIn('dev@example.test'), await signIn('dev@example.test')];
  const cut = await newNode(await keyOf(hub, laptop));
  const kept = await newNode(await keyOf(hub, phone));
  await until('the hub sees both', async () => (await node.peers()).length === 2);

  const shown = [
    await page('/admin/accounts'),
    await page(`/admin/accounts/${await idOf('dev@example.test')}`),
    await page('/admin/hubs'),
    await page(`/admin/hubs/${hub.id}`),
    await page('/admin/browsers'),
    await page('/admin/keys'),
    await page('/admin/audit'),
    await page('/admin/health'),
  ];
  for (const text of shown) {
    expect(text).not.toMatch(/secret-plan|hskey|ht[arjicd]_|nodekey:|100\.64\./);
  }
  expect(shown[1]).toContain('cuts 2 live browsers within 2 seconds. Their 1 hub stays registered');
  expect(shown[2]).toMatch(/build-01[\s\S]*dev@example\.test[\s\S]*3\.5a[\s\S]*1\.102\.5/);
  expect([...(shown[4] ?? '').matchAll(/Cut off [^"]*dev@example\.test/g)]).toHaveLength(2);

  const cutKey = await cut.nodeKey();
  const live = await test.services.headscale.listNodes(`hub-${hub.id.toLowerCase()}`);
  const nodeId = live.find(({ nodeKey }) => nodeKey === cutKey)?.id ?? '';
  const answer = await admin.post('/admin/browsers/cut', { node: nodeId });
  expect(answer.headers.get('location')).toBe('/admin/browsers?done=cut');
  const keptKey = await kept.nodeKey();
  await until('one is left', async () => (await node.peers()).join() === keptKey);
  expect((await test.api.call('GET', '/v1/hubs', { token: laptop })).status).toBe(401);

  const path = `/admin/accounts/${await idOf('dev@example.test')}`;
  await admin.post(`${path}/status`, { status: 'disabled' });
  await until('none is left', async () => (await node.peers()).length === 0);
  expect((await test.api.call('GET', '/v1/hubs', { token: phone })).status).toBe(401);
  expect(await page(`${path}?done=disabled`)).toContain('Enable dev@example.test?');
  await admin.post(`${path}/status`, { status: 'active' });
  await admin.post(`${path}/role`, { role: 'admin' });
  await admin.post(`/admin/hubs/${hub.id}/remove`, { sure: 'yes' });
  await until('the hub is cut off', async () => (await node.status()).BackendState !== 'Running');

  const done = (await entries('dev@example.test')).filter(({ by }) => by === 'ana@example.test');
  expect(done.map(({ event }) => event)).toEqual([
    'hub-removed',
    'account-changed',
    'account-enabled',
    'account-disabled',
    'node-cut',
  ]);
});

it('changes nothing for another site, for oneself, or without a tick where it cannot be undone', async () => {
  const own = `/admin/accounts/${await idOf('ana@example.test')}`;
  const foreign = { origin: 'https://evil.test' };
  const hub = await test.registerHub(await signIn('ana@example.test'), 'atelier');
  const statuses = [
    await admin.post(`${own}/status`, { status: 'disabled' }),
    await admin.post(`${own}/role`, { role: 'member' }),
    await admin.post(`/admin/hubs/${hub.id}/remove`, {}),
    await admin.post(`/admin/hubs/${hub.id}/remove`, { sure: 'yes' }, foreign),
    await admin.post('/admin/invitations', { email: 'x@example.test', role: 'admin' }, foreign),
    await admin.post('/admin/backups', {}, foreign),
    await admin.post(`${own}/role`, { role: 'owner' }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([409, 409, 400, 403, 403, 403, 400]);
  expect(await page('/admin/hubs')).toContain('atelier');
});

it('invites by a link that is shown once, and takes it back', async () => {
  const form = { email: 'Kim@example.test', role: 'member' };
  const shown = await (await admin.post('/admin/invitations', form)).text();
  const link = /data-link>([^<]+)</.exec(shown)?.[1] ?? '';
  expect(link).toMatch(/\/invitation#t=hti_/);
  const list = await page('/admin/accounts');
  expect(list).toContain('Withdraw the invitation for kim@example.test');
  expect(list).not.toContain('hti_');
  const id = /name="id" value="([0-9A-Z]{26})"/.exec(list)?.[1] ?? '';
  await admin.post('/admin/invitations/withdraw', { id });
  expect((await admin.post('/admin/invitations/withdraw', { id })).status).toBe(404);
  expect(await page('/admin/accounts')).not.toContain('kim@example.test');
  const taken = await admin.post('/admin/invitations', { email: 'ana@example.test' });
  expect([taken.status, await taken.text()]).toEqual([400, expect.stringContaining('already')]);
  const bad = await admin.post('/admin/invitations', { email: '<b>nobody' });
  expect([bad.status, await bad.text()]).toEqual([400, expect.not.stringContaining('<b>nobody')]);
});

it('pages through lists by cursors of their own', async () => {
  const headers = { cookie: admin.cookie };
  const seen: number[] = [];
  let cursor: string | null = '';
  while (cursor !== null && seen.length < 30) {
    const path: string = `/v1/admin/audit?limit=10${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const list: AdminAuditList = await test.api.ok(AdminAuditList, 'GET', path, { headers });
    seen.push(...list.entries.map(({ seq }) => seq));
    cursor = list.nextCursor;
  }
  expect(seen.slice(0, 30)).toEqual(Array.from({ length: 30 }, (_, at) => (seen[0] ?? 0) - at));
  const hubs = await test.api.ok(AdminHubList, 'GET', '/v1/admin/hubs?limit=1', { headers });
  expect(hubs.hubs).toHaveLength(1);
  const keys = await test.api.ok(AdminKeyList, 'GET', '/v1/admin/keys?limit=1', { headers });
  const foreign = await test.api.problem('GET', `/v1/admin/audit?cursor=${keys.nextCursor}`, {
    headers,
  });
  expect([keys.keys[0]?.kind, foreign.code]).toEqual(['browser', 'bad-request']);
});

it('exports the audit log, and tells when it was tampered with', async () => {
  const headers = { cookie: admin.cookie };
  const answer = await admin.post('/admin/audit/export', {});
  const lines = (await answer.text()).trimEnd().split('\n');
  expect(answer.headers.get('content-disposition')).toContain('hubtab-audit.ndjson');
  const last = JSON.parse(lines.at(-1) ?? '') as { seq: number; event: string };
  expect(last).toMatchObject({ event: 'audit-exported', seq: lines.length });
  const path = '/v1/admin/audit/verification';
  expect(await test.api.ok(AdminAuditVerdict, 'GET', path, { headers })).toMatchObject({
    ok: true,
  });
  expect(await page('/admin/audit?verify')).toContain('Chain unbroken');

  const [row] = await test.services.db
    .selectFrom('audit')
    .selectAll()
    .where('seq', '=', 2)
    .execute();
  await sql`update audit set detail = 'no json' where seq = 2`.execute(test.services.db);
  expect(await test.api.ok(AdminAuditVerdict, 'GET', path, { headers })).toEqual({
    ok: false,
    seq: 2,
    problem: 'changed',
    hash: null,
  });
  expect(await page('/admin/audit?verify')).toContain('Tampered with at entry 2');
  await sql`update audit set detail = ${row?.detail} where seq = 2`.execute(test.services.db);
});

it('says how the server is, and makes backups that no browser gets', async () => {
  const headers = { cookie: admin.cookie, origin: test.server.url };
  const read = () => test.api.ok(AdminHealth, 'GET', '/v1/admin/health', { headers });
  const stateOf = async (name: string) =>
    (await read()).findings.find((finding) => finding.name === name)?.state;
  expect(await stateOf('backup')).toBe('warning');
  const made = await test.api.ok(AdminBackup, 'POST', '/v1/admin/backups', { headers });
  expect([made.bytes > 10_000, statSync(made.path).mode & 0o777]).toEqual([true, 0o600]);
  const path = dirname(made.path);
  for (let round = 0; round < 6; round += 1) await admin.post('/admin/backups', {});
  expect([readdirSync(path).length, existsSync(made.path)]).toEqual([5, false]);
  const health = await read();
  expect(health.findings.map(({ name, state }) => `${name} ${state}`)).toEqual(
    expect.arrayContaining(['database good', 'headscale good', 'policy good', 'backup good']),
  );
  await test.services.db
    .insertInto('unknown_nodes')
    .values({ shard_id: 'other', node_id: '7', unit: 'hub-x', hostname: 'x', found_at_ms: 1 })
    .execute();
  expect(await stateOf('nodes')).toBe('warning');
  expect(path).toBe(join(test.dataDir, 'backups'));
});

it('stays usable while Headscale is silent, and says so', async () => {
  const kill = test.server.headscalePid();
  if (kill === undefined) throw new Error('Headscale is not running');
  process.kill(kill, 'SIGSTOP');
  try {
    expect(await page('/admin/hubs')).toContain('Headscale does not answer. This list is from');
    const health = await page('/admin/health');
    expect(health).toMatch(/aria-label="Failed"[\s\S]*Headscale/);
    expect((await admin.post('/admin/browsers/cut', { node: '1' })).status).toBe(503);
  } finally {
    process.kill(kill, 'SIGCONT');
  }
});
