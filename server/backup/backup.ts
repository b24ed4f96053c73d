import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  closeSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import packageJson from '../../package.json' with { type: 'json' };
import { recordAudit } from '../audit/audit.ts';
import type { Config } from '../config.ts';
import { databaseLocation } from '../data-directory.ts';
import { newestMigration, openAsItIs, type Database } from '../database/database.ts';
import { writeArchive } from './archive.ts';
import { hashFiles, MANIFEST, type Manifest } from './manifest.ts';
import { dumpPostgres } from './postgres-dump.ts';

/** Where a dump of Postgres is in the archive. */
export const DUMP = 'postgres.ndjson';

/** Where backups are that the server itself makes; they hold none of each other. */
export const KEPT_BACKUPS = 'backups';

/** Held by a running server, made anew by each, or of no use elsewhere. */
const LEFT_OUT =
  /^lock(-.*)?$|\.(pid|sock|log|new)$|-(wal|shm|journal)$|^\.backup-|^(upgrade-)?backups$/;

/** Who makes a backup. */
interface BackupMaker {
  /** The server's own connection. */
  db: Database;
  accountId: string;
}

/**
 * Writes everything that a server needs on an empty machine: our database and secrets, the configuration, and the
 * supervised Headscale's database and private keys. The server may run meanwhile.
 * @param path must not exist
 * @param passphrase undefined: not encrypted
 * @param maker if unset, the command line
 */
export async function makeBackup(
  config: Config,
  path: string,
  passphrase: string | undefined,
  maker?: BackupMaker,
): Promise<void> {
  const { dataDir } = config;
  const url = config.database.url;
  const staging = mkdtempSync(join(dataDir, '.backup-'));
  const unfinished = `${path}.unfinished`;
  try {
    const migration = await noteBackup(config, maker);
    // Headscale before us: what one of the two does not know then is a node that was made since, and it joins anew.
    for (const name of filesOf(dataDir)) stage(dataDir, staging, name);
    if (url !== undefined) await dumpPostgres(url, join(staging, DUMP));
    const files = await hashFiles(staging);
    const manifest: Manifest = {
      format: 1,
      hubtab: packageJson.version,
      createdAt: new Date().toISOString(),
      database: url === undefined ? 'sqlite' : 'postgres',
      migration,
      files,
    };
    writeFileSync(join(staging, MANIFEST), JSON.stringify(manifest), { mode: 0o600 });
    rmSync(unfinished, { force: true });
    await writeArchive(unfinished, staging, [MANIFEST, ...Object.keys(files)], passphrase);
    renameSync(unfinished, path);
  } finally {
    rmSync(staging, { recursive: true, force: true });
    rmSync(unfinished, { force: true });
  }
}

/** @returns the schema that the backup has */
async function noteBackup(config: Config, maker: BackupMaker | undefined): Promise<string> {
  // Within the server on its own connection: a second one would wait for the first, and so for itself.
  const db = maker?.db ?? openAsItIs(databaseLocation(config));
  try {
    const accountId = maker?.accountId;
    await recordAudit(db, Date.now(), { event: 'backup-made', accountId });
    return await newestMigration(db);
  } finally {
    if (!maker) await db.destroy();
  }
}

/** Those in folders, so Headscale's, first. */
function filesOf(dataDir: string): string[] {
  return readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.split('/').some((part) => LEFT_OUT.test(part)))
    .filter((name) => statSync(join(dataDir, name), { throwIfNoEntry: false })?.isFile())
    .sort((one, other) => depth(other) - depth(one) || one.localeCompare(other));
}

function stage(dataDir: string, staging: string, name: string): void {
  const [from, to] = [join(dataDir, name), join(staging, name)];
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  if (!isSqlite(from)) return copyFileSync(from, to);
  const database = new DatabaseSync(from, { timeout: 10_000 });
  try {
    // A snapshot in one read transaction: writers go on.
    database.prepare('VACUUM INTO ?').run(to);
  } finally {
    database.close();
  }
}

function isSqlite(path: string): boolean {
  const start = Buffer.alloc(16);
  const file = openSync(path, 'r');
  readSync(file, start);
  closeSync(file);
  return start.toString('latin1') === 'SQLite format 3\0';
}

function depth(name: string): number {
  return name.split('/').length;
}
