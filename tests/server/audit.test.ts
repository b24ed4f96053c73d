import { rmSync } from 'node:fs';
import { sql } from 'kysely';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { EXTENSION_SCOPES } from '../../protocol/account.ts';
import { exportAudit, recordAudit, verifyAudit } from '../../server/audit/audit.ts';
import { runServerCli } from '../../server/cli.ts';
import { readSettings } from '../../server/config-sources.ts';
import { parseConfig } from '../../server/config.ts';
import { databaseLocation } from '../../server/data-directory.ts';
import { openDatabase } from '../../server/database/database.ts';
import { newDataDirectory } from './support/database.ts';
import { TestHub } from './support/hub.ts';
import { createTestApp, PUBLIC_URL, type TestApp } from './support/test-app.ts';

let test: TestApp;

beforeEach(async () => {
  test = await createTestApp();
});

async function events(): Promise<string[]> {
  const rows = await test.db.selectFrom('audit').select('event').orderBy('seq').execute();
  return rows.map((row) => row.event);
}

async function exported(): Promise<string> {
  let text = '';
  for await (const line of exportAudit(test.db)) text += line;
  return text;
}

async function record(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    await recordAudit(test.db, test.nowMs(), { event: 'signed-in', accountId: `a${i}` });
  }
}

describe('the chain', () => {
  it('holds while several write at once', async () => {
    await Promise.all(Array.from({ length: 30 }, () => record(1)));
    expect(await verifyAudit(test.db)).toMatchObject({ ok: true, head: { seq: 30 } });
  });

  it.each([
    ['a changed row', `update audit set detail = '{"kind":"x"}' where seq = 3`, 3, 'changed'],
    ['a changed time', `update audit set at_ms = at_ms + 1 where seq = 2`, 2, 'changed'],
    ['a removed row', `delete from audit where seq = 4`, 4, 'missing'],
    ['a removed end', `delete from audit where seq > 5`, 6, 'missing'],
    ['a head set back', `update audit_head set seq = 5`, 5, 'not-the-end'],
  ])('shows %s', async (_what, statement, seq, problem) => {
    await record(6);
    await sql.raw(statement).execute(test.db);
    expect(await verifyAudit(test.db)).toEqual({ ok: false, seq, problem });
  });

  it('is exported with all that is needed to verify it elsewhere', async () => {
    await record(3);
    const lines = (await exported())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3, account_id: 'a2' }]);
    expect(Object.keys(lines[0] ?? {}).sort()).toEqual(
      ['seq', 'at_ms', 'event', 'account_id', 'hub_id', 'detail', 'hash'].sort(),
    );
  });

  it('loses nothing to a transaction that rolled back, and nothing of it', async () => {
    await record(1);
    const failed = test.db.transaction().execute(async (trx) => {
      await recordAudit(trx, test.nowMs(), { event: 'signed-in' });
      throw new Error('after all not');
    });
    await expect(failed).rejects.toThrow('after all not');
    await record(1);
    expect(await verifyAudit(test.db)).toMatchObject({ ok: true, head: { seq: 2 } });
  });
});

describe('what happens is recorded', () => {
  it('from the account to the hub, without a secret', async () => {
    const { account, tokens } = await test.signUp('alice@example.test');
    const token = tokens.access_token;
    const { code } = await test.identity.createPairingCode(account.id);
    await test.api.call('POST', '/v1/pair', { body: { code: '0000-0000' } });
    await test.api.call('POST', '/v1/pair', { body: { code } });
    const hub = await TestHub.register(test.api, token, {
      audience: PUBLIC_URL,
      nowMs: test.nowMs,
    });
    await test.api.call('PATCH', `/v1/hubs/${hub.id}`, { token, body: { name: 'secret project' } });
    await test.api.call('DELETE', `/v1/hubs/${hub.id}`, { token });
    await test.identity.refresh(tokens.refresh_token ?? '');
    await test.identity.refresh(tokens.refresh_token ?? '');
    await test.identity.disableUser(account.id);
    expect(await events()).toEqual([
      'account-created',
      'pairing-code-created',
      'sign-in-failed',
      'pairing-code-used',
      'join-token-created',
      'hub-registered',
      'hub-changed',
      'hub-removed',
      'refresh-token-reused',
      'account-disabled',
    ]);
    const text = await exported();
    expect(text).not.toMatch(/ht[arj]_|hskey|alice|secret project/);
    expect(text).not.toContain(code);
    expect(await verifyAudit(test.db)).toMatchObject({ ok: true });
  });

  it('or it does not happen', async () => {
    const { account, tokens } = await test.signUp('alice@example.test');
    await sql`drop table audit`.execute(test.db);
    const answer = await test.api.call('POST', '/v1/hubs/join-tokens', {
      token: tokens.access_token,
    });
    expect(answer.status).toBe(500);
    expect(await test.db.selectFrom('join_tokens').selectAll().execute()).toEqual([]);
    await expect(test.identity.createPairingCode(account.id)).rejects.toThrow(
      /no such table|does not exist/,
    );
    expect(await test.db.selectFrom('pairing_codes').selectAll().execute()).toEqual([]);
    await expect(test.identity.issueTokens(account.id, EXTENSION_SCOPES)).resolves.toBeDefined();
  });
});

describe('hubtab server audit verify', () => {
  it('exits 0 for a whole chain and 1 for a broken one', async () => {
    const dataDir = await newDataDirectory('audit');
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const verify = () => runServerCli(['audit', 'verify', '--json', '--data', dataDir]);
    await runServerCli(['user', 'add', 'alice@example.test', '--data', dataDir]);
    expect(await verify()).toBe(0);
    const db = await openDatabase(databaseLocation(parseConfig(readSettings(dataDir, {}))));
    await sql`update audit set event = 'signed-in'`.execute(db);
    await db.destroy();
    expect(await verify()).toBe(1);
  });
});
