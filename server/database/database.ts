import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql, SqliteDialect, type Dialect } from 'kysely';
import { DEFAULT_MIGRATION_TABLE, Migrator } from 'kysely/migration';
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
  const db = openAsItIs(location);
  try {
    await refuseNewer(db);
    const { error } = await migrate(db, migration);
    if (error) throw error;
    return db;
  } catch (error) {
    await db.destroy();
    if (error instanceof NewerDatabaseError) throw error;
    const name = isPostgres(location) ? 'database.url' : location;
    throw new Error(`open and migrate the database ${name}`, { cause: error });
  }
}

/** Opens the database and changes nothing: for commands beside a server of perhaps another version. */
export function openAsItIs(location: string): Database {
  const dialect = isPostgres(location) ? postgres(location) : sqlite(location);
  return new Kysely<Tables>({ dialect });
}

/** A newer version of this program has written the database, and its changes cannot be taken back. */
class NewerDatabaseError extends Error {
  override name = 'NewerDatabaseError';
}

/** Migrations that wait, oldest first, and whether there is anything in the database at all. @throws NewerDatabaseError */
export async function waitingMigrations(
  db: Database,
): Promise<{ isNew: boolean; names: string[] }> {
  await refuseNewer(db);
  const all = await migrator(db).getMigrations();
  const names = all.filter(({ executedAt }) => !executedAt).map(({ name }) => name);
  return { isNew: names.length === all.length, names };
}

/** What Kysely says then is about corruption. */
async function refuseNewer(db: Database): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return;
  const { rows } = await sql<{
    name: string;
  }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(db);
  const unknown = rows.map(({ name }) => name).filter((name) => !Object.hasOwn(migrations, name));
  if (unknown.length === 0) return;
  throw new NewerDatabaseError(
    `the database was written by a newer Hubtab (${unknown.sort().join(', ')}): run that version, or restore a backup from before it into an empty folder`,
  );
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
