import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { recordAudit, verifyAudit } from '../../server/audit/audit.ts';
import { openDatabase, type Database } from '../../server/database/database.ts';
import { LocalIdentity } from '../../server/identity/local-identity.ts';
import { PostgresServer } from './support/postgres.ts';

// What must hold in every run; the whole suite runs on Postgres as the vitest project `postgres`.

let postgres: PostgresServer;

beforeAll(async () => {
  postgres = await PostgresServer.start();
});

afterAll(() => postgres?.stop());

/** Two servers' views of one database. */
async function twoServers(): Promise<[Database, Database]> {
  const url = await postgres.createDatabase();
  // Both migrate at once, as two servers that are started together do.
  const both = await Promise.all([openDatabase(url), openDatabase(url)]);
  onTestFinished(async () => {
    await Promise.all(both.map((db) => db.destroy()));
  });
  return both;
}

describe('two servers on one database', () => {
  it('write one chain of audit rows', async () => {
    const [one, other] = await twoServers();
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        recordAudit(i % 2 ? one : other, i, { event: 'signed-in' }),
      ),
    );
    expect(await verifyAudit(one)).toMatchObject({ ok: true, head: { seq: 40 } });
  });

  it('take turns with transactions, so what one has read holds until it ends', async () => {
    const both = await twoServers();
    const addIfNone = (db: Database) =>
      db.transaction().execute(async (trx) => {
        const rows = await trx.selectFrom('used_assertions').select('hash').execute();
        if (rows.length > 0) return false;
        const hash = crypto.randomUUID();
        await trx.insertInto('used_assertions').values({ hash, expires_at_ms: 1 }).execute();
        return true;
      });
    const added = await Promise.all([...both, ...both, ...both].map(addIfNone));
    expect(added.filter(Boolean)).toHaveLength(1);
  });

  it('let one refresh token be exchanged once', async () => {
    const [one, other] = (await twoServers()).map(
      (db) => new LocalIdentity({ db, clock: Date.now }),
    );
    if (!one || !other) throw new Error('invariant: two servers');
    const account = await one.createUser('alice@example.test', 'member');
    if (!account.ok) throw new Error(account.error);
    const { refresh_token: token = '' } = await one.issueTokens(account.value.id, ['hubs:read']);
    const results = await Promise.all([one.refresh(token), other.refresh(token)]);
    expect(results.map((result) => result.ok).sort()).toEqual([false, true]);
  });
});

describe('a database that cannot be used', () => {
  it('is refused without repeating its password', async () => {
    const url = 'postgres://hubtab:hunter2@127.0.0.1:1/hubtab';
    const error = await openDatabase(url).catch((reason: unknown) => reason);
    expect(String(error)).toContain('database.url');
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hunter2');
  });

  it('is used again when it is back', async () => {
    const [db] = await twoServers();
    await recordAudit(db, 1, { event: 'signed-in' });
    await postgres.kill();
    await expect(recordAudit(db, 2, { event: 'signed-in' })).rejects.toThrow(/./);
    await postgres.launch();
    await recordAudit(db, 3, { event: 'signed-in' });
    expect(await verifyAudit(db)).toMatchObject({ ok: true, head: { seq: 2 } });
  });
});
