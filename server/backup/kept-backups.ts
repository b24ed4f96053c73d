import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { KEPT_BACKUPS, makeBackup } from './backup.ts';

/** How many stay: an admin may press the button often, and the disk is the server's own. */
const KEEP = 5;

export interface KeptBackupsOptions {
  config: Config;
  db: Database;
  clock: () => number;
}

/**
 * Backups that the server makes for an admin, in its own data directory. They are not encrypted: whoever reads that
 * directory has what they hold anyway. No browser gets one, because a backup is every secret of the server.
 */
export class KeptBackups {
  readonly #options: KeptBackupsOptions;
  #running: Promise<{ path: string; createdAt: string; bytes: number }> | undefined;

  constructor(options: KeptBackupsOptions) {
    this.#options = options;
  }

  /** Makes one and lets the oldest go. Calls while one is made join. @param accountId of the admin who asked */
  make(accountId: string): Promise<{ path: string; createdAt: string; bytes: number }> {
    this.#running ??= this.#make(accountId).finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #make(accountId: string) {
    const { config, db, clock } = this.#options;
    const directory = join(config.dataDir, KEPT_BACKUPS);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const createdAt = new Date(clock()).toISOString();
    const path = join(directory, `hubtab-${createdAt.replaceAll(/[-:.]/g, '')}.tar`);
    await makeBackup(config, path, undefined, { db, accountId });
    const names = readdirSync(directory).filter((name) => /^hubtab-.*\.tar$/.test(name));
    for (const name of names.sort().slice(0, -KEEP)) rmSync(join(directory, name));
    return { path, createdAt, bytes: statSync(path).size };
  }
}
