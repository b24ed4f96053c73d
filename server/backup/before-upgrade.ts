import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { databaseLocation } from '../data-directory.ts';
import { newestMigration, openAsItIs, waitingMigrations } from '../database/database.ts';
import { findHeadscale } from '../headscale/binary.ts';
import { headscaleStep, readUsedVersion } from '../headscale/upgrade-step.ts';
import { makeBackup } from './backup.ts';

/** Backups from before upgrades that are kept; they hold what the data directory holds, unencrypted, as that does. */
const KEPT = 3;

/** What the first start of this version would change for good. */
export interface UpgradePlan {
  /** The last migration that was done; empty for a new database. */
  migration: string;
  /** Those that wait, oldest first. */
  waiting: string[];
  /** Of the supervised Headscale; undefined if it stays the same, is new, or somebody else runs it. */
  headscale: { from: string; to: string } | undefined;
}

/** @throws Error with a sentence if this version must not run on this data */
export async function planUpgrade(config: Config): Promise<UpgradePlan> {
  const db = openAsItIs(databaseLocation(config));
  try {
    const { isNew, names } = await waitingMigrations(db);
    const headscale = await planHeadscale(config);
    if (isNew) return { migration: '', waiting: [], headscale };
    return { migration: await newestMigration(db), waiting: names, headscale };
  } finally {
    await db.destroy();
  }
}

async function planHeadscale({ dataDir, headscale }: Config): Promise<UpgradePlan['headscale']> {
  if (headscale.url !== undefined) return undefined;
  const from = readUsedVersion(join(dataDir, 'headscale', 'version'));
  if (from === undefined) return undefined;
  const { version: to } = await findHeadscale(headscale.binary, headscale.sha256);
  return headscaleStep(from, to) === 'upgrade' ? { from, to } : undefined;
}

/** Makes a backup if the plan changes something, and forgets old ones. Answers its path. */
export async function backUpBeforeUpgrade(
  config: Config,
  plan: UpgradePlan,
): Promise<string | undefined> {
  if (plan.waiting.length === 0 && !plan.headscale) return undefined;
  const folder = join(config.dataDir, 'upgrade-backups');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const time = new Date().toISOString().replaceAll(/[-:]|\..*/g, '');
  const path = join(folder, `hubtab-${time}.tar`);
  await makeBackup(config, path, undefined);
  for (const name of readdirSync(folder).sort().slice(0, -KEPT)) rmSync(join(folder, name));
  return path;
}
