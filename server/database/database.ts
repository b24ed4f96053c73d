import { DatabaseSync } from 'node:sqlite';
import { Kysely, SqliteDialect, type Dialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from './migrations.ts';
import { OneWriterPostgresDialect } from './postgres.ts';
import type { Tables } from './schema.ts';
import { adaptSqlite } from './sqlite-adapter.ts';

export type Database = Kysely<Tables>;

/** How long one writer waits for another process (the CLI beside the server), in ms. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens the database and brings it to the newest schema.
 * @param location path of an SQLite file, `:memory:`, or the URL of a Postgres database
 * @param migration if set, brings it only that far
 * @throws when it cannot be opened or a migration fails; without the URL, which may hold a password
 */
export async function openDatabase(location: string, migration?: string): Promise<Database> {
  const dialect = isPostgres(location) ? postgres(location) : sqlite(location);
  const db: Database = new Kysely<Tables>({ dialect });
  const { error } = await migrate(db, migration);
  if (error) {
    await db.destroy();
    const name = isPostgres(location) ? 'database.url' : location;
    throw new Error(`open and migrate the database ${name}`, { cause: error });
  }
  return db;
}

/** Whether a location is the URL of a Postgres database, not a file. */
export function isPostgres(location: string): boolean {
  return /^postgres(ql)?:\/\//.test(location);
}

/** Runs the work in the transaction that `db` is, or in a new one. */
export function inTransaction<T>(db: Database, work: (trx: Database) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}

function sqlite(path: string): Dialect {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  // FULL: a power cut must not bring a used token or a revoked family back to life.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  return new SqliteDialect({ database: adaptSqlite(database) });
}

function postgres(url: string): Dialect {
  // A lost idle connection needs no line: what fails because of it says so where it matters.
  return new OneWriterPostgresDialect(url, () => {});
}

/** Name of the last migration that was done. */
export async function newestMigration(db: Database): Promise<string> {
  const done = (await migrator(db).getMigrations()).filter(({ executedAt }) => executedAt);
  return done.at(-1)?.name ?? '';
}

function migrate(db: Database, to: string | undefined) {
  return to === undefined ? migrator(db).migrateToLatest() : migrator(db).migrateTo(to);
}

function migrator(db: Database): Migrator {
  return new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
}
