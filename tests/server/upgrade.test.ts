import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { restoreBackup } from '../../server/backup/restore.ts';
import { runServerCli } from '../../server/cli.ts';
import {
  newestMigration,
  openAsItIs,
  openDatabase,
  type Database,
} from '../../server/database/database.ts';
import { headscaleStep } from '../../server/headscale/upgrade-step.ts';
import { startTestServer } from './support/test-server.ts';

const OLD = '0010_shares';
let directory: string;
const template = () => join(directory, 'template');
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hubtab-upgrade-'));
  const made = await startTestServer({ dataDir: template(), database: {} });
  await made.stop();
  for (const name of readdirSync(template()).filter((each) => each.startsWith('hubtab.sqlite')))
    rmSync(join(template(), name));
  const db = await openDatabase(join(template(), 'hubtab.sqlite'), OLD);
  const row = { id: '01JD0000000000000000000000', email: 'old@example.test', role: 'admin' };
  await db
    .insertInto('accounts')
    .values({ ...row, status: 'active', hub_limit: 10, created_at_ms: 1 } as never)
    .execute();
  await db.destroy();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A data directory as an older version left it. */
function oldData(name: string): string {
  const dataDir = join(directory, name);
  cpSync(template(), dataDir, { recursive: true });
  return dataDir;
}

/** Without changing it. */
async function look<T>(dataDir: string, read: (db: Database) => Promise<T>): Promise<T> {
  const db = openAsItIs(join(dataDir, 'hubtab.sqlite'));
  try {
    return await read(db);
  } finally {
    await db.destroy();
  }
}

async function cli(...args: string[]) {
  const said: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said.push(String(text));
      return true;
    }),
  );
  try {
    return { code: await runServerCli(args), said: said.join('') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('the data of an older version', () => {
  it('is left alone by whoever only looks', async () => {
    const dataDir = oldData('looked-at');
    const plan = await cli('upgrade', '--plan', '--data', dataDir);
    expect(plan).toMatchObject({ code: 0 });
    expect(plan.said).toContain('migrations wait: 0011_browser_cuts');
    expect((await cli('check', '--data', dataDir)).said).toContain('hubtab server upgrade');
    expect(await look(dataDir, newestMigration)).toBe(OLD);
  });

  it('is backed up, then brought to this version, once', async () => {
    const dataDir = oldData('upgraded');
    const first = await cli('upgrade', '--data', dataDir);
    expect(first).toMatchObject({ code: 0 });
    const backups = join(dataDir, 'upgrade-backups');
    expect(readdirSync(backups)).toHaveLength(1);
    const again = await cli('upgrade', '--data', dataDir);
    expect(again.said).toContain('nothing to change');
    expect(readdirSync(backups)).toHaveLength(1);
    // What was before comes back from it, and can be brought to this version again.
    const [name = ''] = readdirSync(backups);
    const restored = join(directory, 'restored');
    const manifest = await restoreBackup(join(backups, name), restored, undefined);
    expect(manifest.migration).toBe(OLD);
    const emails = await look(restored, (db) =>
      db.selectFrom('accounts').select('email').execute(),
    );
    expect(emails).toEqual([{ email: 'old@example.test' }]);
  });

  it('is backed up by the first start too, and not while a server runs', async () => {
    const dataDir = oldData('started');
    const server = await startTestServer({ dataDir, database: {} });
    try {
      expect(readdirSync(join(dataDir, 'upgrade-backups'))).toHaveLength(1);
      const refused = await cli('upgrade', '--data', dataDir);
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.said).toContain('the server still runs');
    } finally {
      await server.stop();
    }
  });
});

it('the data of a newer version is refused in words, and stays as it is', async () => {
  const dataDir = oldData('newer');
  await look(dataDir, (db) =>
    db
      .insertInto('kysely_migration' as never)
      .values({ name: '9999_future', timestamp: '2030-01-01' } as never)
      .execute(),
  );
  const { code, said } = await cli('upgrade', '--data', dataDir);
  expect([code, said]).toEqual([
    1,
    expect.stringContaining('written by a newer Hubtab (9999_future)'),
  ]);
  await expect(startTestServer({ dataDir, database: {} })).rejects.toThrow('newer Hubtab');
  expect((await cli('check', '--data', dataDir)).said).toContain('newer Hubtab');
  expect(existsSync(join(dataDir, 'upgrade-backups'))).toBe(false);
});

it('a Headscale that goes back, or leaves a minor out, is refused before anything changes', async () => {
  expect(headscaleStep('0.29.2', '0.29.3')).toBe('upgrade');
  expect(headscaleStep('0.28.0', '0.29.3')).toBe('upgrade');
  expect(headscaleStep('0.29.3', '0.29.3')).toBe('same');
  expect(() => headscaleStep('0.27.1', '0.29.3')).toThrow('install the last 0.28.x first');
  expect(() => headscaleStep('0.30.0', '0.29.3')).toThrow('0.29.3 is older: install 0.30.0 again');
  const dataDir = oldData('headscale');
  writeFileSync(join(dataDir, 'headscale', 'version'), '0.27.1\n');
  await expect(startTestServer({ dataDir, database: {} })).rejects.toThrow(
    'leaves minor versions out',
  );
  expect(await look(dataDir, newestMigration)).toBe(OLD);
});
