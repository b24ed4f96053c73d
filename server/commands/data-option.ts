import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { readSettings } from '../config-sources.ts';
import { parseConfig } from '../config.ts';
import { databaseLocation, prepareDataDirectory } from '../data-directory.ts';
import { openDatabase, type Database } from '../database/database.ts';
import { LocalIdentity } from '../identity/local-identity.ts';

/** The data directory of `--data`, else `$HUBTAB_DATA`, else one below the home directory. */
export function dataDirectory(option: string | undefined): string {
  return resolve(
    option ?? process.env.HUBTAB_DATA ?? join(homedir(), '.local', 'share', 'hubtab-server'),
  );
}

/** Opens the database of a data directory, beside a running server or without one, and closes it after the work. */
export async function withDatabase<T>(
  dataOption: string | undefined,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const dataDir = dataDirectory(dataOption);
  prepareDataDirectory(dataDir);
  const db = await openDatabase(databaseLocation(parseConfig(readSettings(dataDir))));
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

/** As {@link withDatabase}, for accounts. */
export function withIdentity<T>(
  dataOption: string | undefined,
  work: (identity: LocalIdentity) => Promise<T>,
): Promise<T> {
  return withDatabase(dataOption, (db) => work(new LocalIdentity({ db, clock: Date.now })));
}
