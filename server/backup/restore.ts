import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { recordAudit } from '../audit/audit.ts';
import { readSettings } from '../config-sources.ts';
import { parseConfig } from '../config.ts';
import { databaseLocation } from '../data-directory.ts';
import { openDatabase } from '../database/database.ts';
import { readArchive } from './archive.ts';
import { DUMP } from './backup.ts';
import { checkManifest, MANIFEST, type Manifest } from './manifest.ts';
import { loadPostgres } from './postgres-dump.ts';

/**
 * Makes a data directory out of a backup. Until all of it is good nothing is where a server would find it.
 * @param dataDir must not exist or be empty
 * @param environment may name another `database.url` than the backup's
 * @throws BackupUnreadableError, ConfigError, Error with a sentence
 */
export async function restoreBackup(
  path: string,
  dataDir: string,
  passphrase: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Manifest> {
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) {
    throw new Error(`${dataDir} is not empty; restore into a folder that is, with --data`);
  }
  if (!existsSync(path)) throw new Error(`${path}: there is no such file`);
  const staging = `${dataDir}.restoring-${process.pid}`;
  mkdirSync(dirname(dataDir), { recursive: true });
  mkdirSync(staging, { mode: 0o700 });
  try {
    await readArchive(path, staging, passphrase);
    const manifest = await checkManifest(staging);
    await restoreDatabase(staging, manifest, environment);
    rmSync(join(staging, MANIFEST));
    if (existsSync(dataDir)) rmdirSync(dataDir);
    renameSync(staging, dataDir);
    chmodSync(dataDir, 0o700);
    return manifest;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

async function restoreDatabase(
  dataDir: string,
  manifest: Manifest,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const config = parseConfig(readSettings(dataDir, environment));
  const { url } = config.database;
  if ((manifest.database === 'postgres') !== (url !== undefined)) {
    throw new Error(
      manifest.database === 'postgres'
        ? 'database.url: this backup is of a Postgres database; name an empty one with HUBTAB_DATABASE_URL'
        : 'database.url: this backup is of an SQLite database; take the setting away',
    );
  }
  if (url !== undefined) {
    // As it was when the rows were written, then on to what this version needs.
    await (await openDatabase(url, manifest.migration)).destroy();
    await loadPostgres(url, join(dataDir, DUMP));
    rmSync(join(dataDir, DUMP));
  }
  const db = await openDatabase(databaseLocation(config));
  try {
    const reason = `backup of ${manifest.createdAt}`;
    await recordAudit(db, Date.now(), { event: 'backup-restored', reason });
  } finally {
    await db.destroy();
  }
}
