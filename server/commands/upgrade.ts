import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { backUpBeforeUpgrade, planUpgrade, type UpgradePlan } from '../backup/before-upgrade.ts';
import { readSettings } from '../config-sources.ts';
import { parseConfig } from '../config.ts';
import { databaseLocation, lockDataDirectory } from '../data-directory.ts';
import { newestMigration, openDatabase } from '../database/database.ts';
import { dataDirectory } from './data-option.ts';

/**
 * `upgrade [--plan]`: says what this version would change in the data of an older one, takes a backup and changes it.
 * `start` does the same by itself; this is for whoever wants to look first.
 */
export async function upgradeCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { data: { type: 'string' }, plan: { type: 'boolean', default: false } },
  });
  const config = parseConfig(readSettings(dataDirectory(values.data)));
  const { dataDir } = config;
  if (!existsSync(dataDir)) throw new Error(`there is no server in ${dataDir}`);
  const plan = await planUpgrade(config);
  say(`hubtab ${packageJson.version} on ${dataDir}\n${describe(plan)}`);
  if (values.plan) return 0;
  const unlock = stopped(dataDir);
  try {
    const backup = await backUpBeforeUpgrade(config, plan);
    if (backup !== undefined) say(`backed up to ${backup}`);
    const db = await openDatabase(databaseLocation(config));
    try {
      say(`the database is at ${await newestMigration(db)}`);
    } finally {
      await db.destroy();
    }
  } finally {
    unlock();
  }
  say('Next: hubtab server start, then hubtab server check. To go back: restore that backup.');
  return 0;
}

function describe({ waiting, headscale }: UpgradePlan): string {
  const lines = [
    waiting.length === 0
      ? 'database   nothing to change'
      : `database   ${waiting.length} migrations wait: ${waiting.join(', ')}`,
    headscale === undefined
      ? 'headscale  nothing to change'
      : `headscale  ${headscale.from} becomes ${headscale.to} at the next start, and never goes back`,
  ];
  if (waiting.length > 0 || headscale) lines.push('backup     one is taken before');
  if (waiting.length > 0)
    lines.push('servers    stop all that share this database until it is done');
  return lines.join('\n');
}

function stopped(dataDir: string): () => void {
  try {
    return lockDataDirectory(dataDir);
  } catch (cause) {
    throw new Error(`the server still runs on ${dataDir}; stop it, then upgrade`, { cause });
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
