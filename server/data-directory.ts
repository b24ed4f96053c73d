import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Config } from './config.ts';
import { SEAL_KEY_BYTES } from './seal.ts';

/** Makes the data directory, readable by its owner only. */
export function prepareDataDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}

/** What openDatabase() takes: the configured URL, else a file in the data directory. */
export function databaseLocation(config: Pick<Config, 'dataDir' | 'database'>): string {
  return config.database.url ?? join(config.dataDir, 'hubtab.sqlite');
}

/** The key of what rests encrypted in the database; made at the first start. It is not part of the database's backup. */
export function sealKey(dataDir: string): Buffer {
  const path = join(dataDir, 'seal.key');
  if (!existsSync(path)) writeFileSync(path, randomBytes(SEAL_KEY_BYTES), { mode: 0o600 });
  return readFileSync(path);
}

/** Notes the server's public address for commands that run beside it. */
export function writeAddress(dataDir: string, publicUrl: string): void {
  writeFileSync(join(dataDir, 'address'), `${publicUrl}\n`, { mode: 0o600 });
}

/** @throws when no server was started on the directory yet */
export function readAddress(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, 'address'), 'utf8').trim();
  } catch (cause) {
    throw new Error(`no server was started on ${dataDir} yet: hubtab server start`, { cause });
  }
}

/**
 * The secrets that sign cookies and encrypt authenticator secrets, one a line, the one in use first; made at the first
 * start. To change it, put a new line on top; the old one may go when nobody uses an authenticator app from before.
 * @throws when the file has none
 */
export function readSecrets(dataDir: string): [string, ...string[]] {
  const path = join(dataDir, 'secrets');
  if (!existsSync(path)) {
    writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  }
  const [first, ...others] = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  if (first === undefined || first.length < 32) {
    throw new Error(`${path}: expected a line of at least 32 characters`);
  }
  return [first, ...others];
}

/**
 * Keeps a second server out of the data directory. The lock is SQLite's own on a file of its own, so it ends with the
 * process however that ends; a file with a process id would outlive a crash and lie in containers.
 * @returns a function that gives the lock back
 * @throws when another server has it
 */
export function lockDataDirectory(dataDir: string): () => void {
  const lock = new DatabaseSync(join(dataDir, 'lock'), { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
  } catch (error) {
    lock.close();
    throw new Error(`dataDir: another server is running on ${dataDir}; stop it first`, {
      cause: error,
    });
  }
  return () => lock.close();
}
