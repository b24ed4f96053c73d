import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { BrowserKey } from '../../protocol/hubs.ts';
import { recordAudit, verifyAudit } from '../../server/audit/audit.ts';
import { readSettings } from '../../server/config-sources.ts';
import { parseConfig } from '../../server/config.ts';
import { databaseLocation } from '../../server/data-directory.ts';
import { openDatabase } from '../../server/database/database.ts';
import { newDataDirectory } from '../server/support/database.ts';
import { startTestServer, type TestServer } from '../server/support/test-server.ts';

async function joinedHub(test: TestServer, token: string): Promise<string> {
  const hub = await test.registerHub(token);
  await test.services.db
    .updateTable('hubs')
    .set({ node_id: '999', node_key: 'nodekey:00', node_ip: '100.64.0.9', host_keys: '["a b"]' })
    .where('id', '=', hub.id)
    .execute();
  return `/v1/hubs/${hub.id}/browser-key`;
}

it('a server that is stopped under load answers what it took, and leaves no half-issued key', async () => {
  const dataDir = await newDataDirectory('drain');
  const test = await startTestServer({ dataDir });
  onTestFinished(() => test.stop());
  const token = await test.signUp('alice@example.test');
  const path = await joinedHub(test, token);
  const first = test.api.ok(BrowserKey, 'POST', path, { token });
  // Those that were accepted are answered (503: Headscale is too busy on this machine); those that came later find nobody, and nothing in between.
  const others = Array.from({ length: 30 }, () =>
    test.api.call('POST', path, { token }).then(
      (response) => response.status,
      () => 'refused',
    ),
  );
  await first;
  await test.server.stop();
  const answers = new Set(await Promise.all(others));
  expect([...answers].filter((answer) => ![200, 429, 503, 'refused'].includes(answer))).toEqual([]);
  expect(answers).toContain(200);
  const db = await openDatabase(databaseLocation(parseConfig(readSettings(dataDir, {}))));
  onTestFinished(() => db.destroy());
  const keys = await db.selectFrom('issued_keys').select('state').execute();
  expect(keys.filter(({ state }) => state === 'pending')).toEqual([]);
  expect(await verifyAudit(db)).toMatchObject({ ok: true });
});

it('a full database refuses what it cannot record, says so, and goes on when there is room', async () => {
  const test = await startTestServer();
  onTestFinished(() => test.stop());
  const { db } = test.services;
  const token = await test.signUp('alice@example.test');
  const path = await joinedHub(test, token);
  // SQLite's own limit gives the very error of a full disk, without a file system of our own.
  await sql`pragma max_page_count = 1`.execute(db); // as many as there are now
  const fill = async () => {
    for (let i = 0; i < 1000; i += 1)
      await db
        .transaction()
        .execute((trx) => recordAudit(trx, Date.now(), { event: 'account-created' }));
  };
  await expect(fill()).rejects.toThrow(/full/);
  expect((await test.api.call('POST', '/v1/pairing-codes', { token })).status).toBe(500);
  expect(test.logs.join('\n')).toMatch(/database or disk is full/);
  const key = await test.api.call('POST', path, { token });
  expect(key.status).toBeGreaterThanOrEqual(500);
  expect(await key.text()).not.toContain('hskey-'); // one that Headscale made meanwhile is handed to nobody
  await sql`pragma max_page_count = 1000000`.execute(db);
  await test.api.ok(BrowserKey, 'POST', path, { token });
  expect(await verifyAudit(db)).toMatchObject({ ok: true });
});
