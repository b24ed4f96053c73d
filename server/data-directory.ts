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
