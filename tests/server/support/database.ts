import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { inject } from 'vitest';

/**
 * Which database the server's tests run on: SQLite, or Postgres in the vitest project `postgres`, whose global set-up
 * starts one for all files.
 */
declare module 'vitest' {
  interface ProvidedContext {
    /** URL of a database whose user may make others; undefined for SQLite. */
    postgresUrl: string | undefined;
  }
}

let made = 0;

/** Where a test's own new database is, for openDatabase(). */
export async function newDatabase(): Promise<string> {
  const admin = inject('postgresUrl');
  if (admin === undefined) return ':memory:';
  made += 1;
  const name = `t${process.pid}_${Date.now()}_${made}`;
  const client = new Client({ connectionString: admin });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return url.href;
}

/** A new data directory, whose hubtab.yaml names a database of its own when the tests run on Postgres. */
export async function newDataDirectory(prefix: string): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), `hubtab-${prefix}-`));
  const url = await newDatabase();
  if (url !== ':memory:')
    writeFileSync(join(dataDir, 'hubtab.yaml'), `database: { url: "${url}" }\n`);
  return dataDir;
}
