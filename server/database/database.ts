import { DatabaseSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from './migrations.ts';
import type { Tables } from './schema.ts';
import { adaptSqlite } from './sqlite-adapter.ts';

export type Database = Kysely<Tables>;

/** How long one writer waits for another process (the CLI beside the server), in ms. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens the database and brings it to the newest schema.
 * @param path file path, or `:memory:`
 * @throws when the file cannot be opened or a migration fails
 */
export async function openDatabase(path: string): Promise<Database> {
  const sqlite = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  // FULL: a power cut must not bring a used token or a revoked family back to life.
  sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  const db: Database = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: adaptSqlite(sqlite) }),
  });
  const { error } = await migrate(db);
  if (error) {
    await db.destroy();
    throw new Error(`migrate the database ${path}: ${String(error)}`, { cause: error });
  }
  return db;
}

function migrate(db: Database) {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
  return migrator.migrateToLatest();
}

/** Runs the work in the transaction that `db` is, or in a new one. */
export function inTransaction<T>(db: Database, work: (trx: Database) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}
