import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { HealthFinding } from '../protocol/admin.ts';
import { httpUrl, isLoopbackHost, type Config } from './config.ts';
import { databaseLocation } from './data-directory.ts';
import { newestMigration, openDatabase, type Database } from './database/database.ts';
import { DISK_FAILED, DISK_LOW, freeBytes } from './disk.ts';
import { findHeadscale } from './headscale/binary.ts';
import { HeadscaleClient, SKEW_FAILED_MS } from './headscale/client.ts';
import { isHeadscaleError } from './headscale/errors.ts';
import { POLICY } from './headscale/policy.ts';
import { versionProblem } from './headscale/version.ts';
import { errorText, scrub } from './log.ts';

export interface Checked {
  config: Config;
  /** The server's own connection; if unset, one is opened. */
  db?: Database;
}

/** Looks at everything that a server stands on. Never rejects: what cannot be looked at is a finding. */
export async function checkServer(checked: Checked): Promise<HealthFinding[]> {
  const findings: HealthFinding[] = [];
  for (const [name, look] of CHECKS) {
    const found = await look(checked).catch((error: unknown): Found => ({
      state: 'failed',
      text: scrub(errorText(error)),
    }));
    findings.push({ name, ...found });
  }
  return findings;
}

type Found = Omit<HealthFinding, 'name'>;
type Look = (checked: Checked) => Promise<Found>;

const CHECKS: readonly (readonly [string, Look])[] = [
  ['data', lookAtData],
  ['disk', lookAtDisk],
  ['database', lookAtDatabase],
  ['address', lookAtAddress],
  ['headscale', lookAtHeadscale],
  ['policy', lookAtPolicy],
  ['clock', lookAtClock],
];

function good(text: string): Found {
  return { state: 'good', text };
}

async function lookAtData({ config: { dataDir } }: Checked) {
  if (!existsSync(dataDir)) throw new Error(`${dataDir} is missing: hubtab server start makes it`);
  const { mode, uid } = statSync(dataDir);
  const own = process.getuid?.();
  if (own !== undefined && uid !== own) {
    throw new Error(
      `${dataDir} belongs to user ${uid}, not to you (${own}); run this as that user`,
    );
  }
  if (mode & 0o077) throw new Error(`${dataDir} is open to others; run: chmod 700 ${dataDir}`);
  return good(`${dataDir} (0700)`);
}

async function lookAtDisk({ config: { dataDir } }: Checked): Promise<Found> {
  const free = freeBytes(dataDir);
  const text = `${Math.floor(free / 1024 / 1024)} MB free`;
  if (free < DISK_FAILED) throw new Error(`${text}; make room, or sign-ins and keys will fail`);
  return free < DISK_LOW ? { state: 'warning', text: `${text}; make room soon` } : good(text);
}

async function lookAtDatabase({ config, db: own }: Checked) {
  const db = own ?? (await openDatabase(databaseLocation(config)));
  try {
    const kind = config.database.url === undefined ? 'sqlite' : 'postgres';
    return good(`${kind}, migrated to ${await newestMigration(db)}`);
  } finally {
    if (!own) await db.destroy();
  }
}

async function lookAtAddress({ config }: Checked): Promise<Found> {
  const { listen, publicUrl } = config;
  const isBehindProxy = config.behindProxy.length > 0;
  const where = `${listen.host}:${listen.port}`;
  const url = publicUrl === undefined ? undefined : new URL(publicUrl);
  if (url?.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    return {
      state: 'warning',
      text: `publicUrl ${publicUrl} is not https: whoever is on the way reads tokens`,
    };
  }
  if (url === undefined && !isBehindProxy) {
    return {
      state: 'warning',
      text: `${where}, this machine only; for others put a TLS proxy before it and set publicUrl`,
    };
  }
  return good(`${publicUrl ?? where}${isBehindProxy ? ' behind a proxy' : ''}`);
}

async function lookAtHeadscale({ config }: Checked) {
  const { url } = config.headscale;
  if (url === undefined) await findHeadscale(config.headscale.binary, config.headscale.sha256);
  const { client, base } = connect(config);
  const version = await client.version().catch((error: unknown) => {
    if (url === undefined && isHeadscaleError(error, 'unavailable')) {
      throw new Error(
        'the program is good, but it does not answer: is hubtab server start running?',
      );
    }
    throw error;
  });
  const problem = versionProblem(version);
  if (problem !== undefined) throw new Error(problem);
  await client.health();
  return good(`${version} at ${base}`);
}

async function lookAtPolicy({ config }: Checked) {
  if ((await connect(config).client.policy()) === POLICY)
    return good('the one that isolates units');
  throw new Error(
    'Headscale runs another policy than ours: restore policy.hujson, then restart Headscale',
  );
}

async function lookAtClock({ config }: Checked): Promise<Found> {
  const { client } = connect(config);
  await client.health();
  const skewMs = Math.abs(client.skewMs);
  const text = `${Math.round(skewMs / 1000)} s away from Headscale's`;
  if (skewMs > SKEW_FAILED_MS) throw new Error(`${text}: set both clocks, for example with chrony`);
  return skewMs > 0 ? { state: 'warning', text: `${text}: look at both clocks` } : good(text);
}

/** Where our own Headscale was told to listen; the system may have chosen the port. */
function supervisedAddress({ dataDir, headscale }: Config): string {
  const path = join(dataDir, 'headscale', 'headscale.yaml');
  const written = existsSync(path) ? (parse(readFileSync(path, 'utf8')) as unknown) : undefined;
  const parsed = z.object({ listen_addr: z.string() }).safeParse(written);
  return parsed.success ? parsed.data.listen_addr : new URL(httpUrl(headscale.listen)).host;
}

function connect(config: Config): { client: HeadscaleClient; base: string } {
  const { url, apiKeyFile } = config.headscale;
  const base = url ?? `http://${supervisedAddress(config)}`;
  const path = apiKeyFile ?? join(config.dataDir, 'headscale', 'api-key');
  const apiKey = existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
  return { base, client: new HeadscaleClient({ url: base, apiKey: () => apiKey }) };
}
