import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import packageJson from '../package.json' with { type: 'json' };
import type { HealthFinding } from '../protocol/admin.ts';
import {
  lookAtCertificate,
  lookAtDns,
  lookAtProxy,
  lookAtRelay,
  lookAtStun,
} from './check-public.ts';
import { httpUrl, isLoopbackHost, type Config } from './config.ts';
import { databaseLocation } from './data-directory.ts';
import { findLastBackup } from './database/admin.ts';
import {
  newestMigration,
  openAsItIs,
  waitingMigrations,
  type Database,
} from './database/database.ts';
import { DISK_FAILED, DISK_LOW, freeBytes } from './disk.ts';
import { findHeadscale } from './headscale/binary.ts';
import { HeadscaleClient, SKEW_FAILED_MS } from './headscale/client.ts';
import { isHeadscaleError } from './headscale/errors.ts';
import { POLICY } from './headscale/policy.ts';
import { versionProblem } from './headscale/version.ts';
import { DEFAULT_STUN_PORT } from './headscale/config-writer.ts';
import { Programs } from './install/programs.ts';
import { errorText, scrub } from './log.ts';

const DAY_MS = 24 * 3600 * 1000;
/** A week's work on hubs can be registered again; a month's cannot be remembered. */
const BACKUP_OLD_MS = 7 * DAY_MS;

export interface Checked {
  config: Config;
  /** The server's own connection; if unset, one is opened. */
  db?: Database;
  /** ms since 1970; if unset, the system's. */
  clock?: () => number;
}

/** Where a Headscale is: `headscale` of the configuration, or one of its `shards`. */
type Place = Pick<Config['headscale'], 'url' | 'apiKeyFile'>;

/** Looks at everything that a server stands on. Never rejects: what cannot be looked at is a finding. */
export function checkServer(checked: Checked): Promise<HealthFinding[]> {
  const { headscale, shards } = checked.config;
  const places: [string, Place][] = [
    ['', headscale],
    ...shards.map((shard): [string, Place] => [` ${shard.id}`, shard]),
  ];
  const ofPlaces = places.flatMap(([suffix, place]) =>
    HEADSCALE_CHECKS.map(([name, look]): Checks[number] => [
      name + suffix,
      ({ config }) => look(config, place),
    ]),
  );
  return runChecks([...CHECKS, ...ofPlaces], checked);
}

/** What only the command line looks at: the server as hubs and browsers see it, through DNS and proxy. */
export function checkFurther(checked: Checked): Promise<HealthFinding[]> {
  return runChecks(FURTHER_CHECKS, checked);
}

type Checks = readonly (readonly [string, Look])[];

/** Side by side: what does not answer takes its time once. */
function runChecks(checks: Checks, checked: Checked): Promise<HealthFinding[]> {
  return Promise.all(
    checks.map(async ([name, look]) => {
      const found = await look(checked).catch((error: unknown): Found => ({
        state: 'failed',
        text: scrub(errorText(error)),
      }));
      return { name, ...found };
    }),
  );
}

type Found = Omit<HealthFinding, 'name'>;
type Look = (checked: Checked) => Promise<Found>;

const CHECKS: Checks = [
  ['data', lookAtData],
  ['disk', lookAtDisk],
  ['database', lookAtDatabase],
  ['versions', lookAtVersions],
  ['address', lookAtAddress],
  ['backup', lookAtBackup],
];

const HEADSCALE_CHECKS: readonly (readonly [
  string,
  (config: Config, place: Place) => Promise<Found>,
])[] = [
  ['headscale', lookAtHeadscale],
  ['policy', lookAtPolicy],
  ['clock', lookAtClock],
];

const FURTHER_CHECKS: Checks = [
  ['dns', ({ config }) => lookAtDns(config)],
  ['certificate', ({ config }) => lookAtCertificate(config)],
  ['proxy', ({ config }) => lookAtProxy(config)],
  ['relay', ({ config }) => lookAtRelay(config)],
  ['stun', ({ config }) => lookAtStun(config, stunPort(config))],
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

async function lookAtDatabase({ config, db: own }: Checked): Promise<Found> {
  const db = own ?? openAsItIs(databaseLocation(config));
  try {
    const kind = config.database.url === undefined ? 'sqlite' : 'postgres';
    const { isNew, names } = await waitingMigrations(db);
    if (isNew) throw new Error('it is empty: hubtab server start fills it');
    if (names.length === 0) return good(`${kind}, migrated to ${await newestMigration(db)}`);
    const text = `${kind}, ${names.length} migrations wait: hubtab server upgrade`;
    return { state: 'warning', text };
  } finally {
    if (!own) await db.destroy();
  }
}

async function lookAtBackup({ config, db: own, clock = Date.now }: Checked): Promise<Found> {
  const db = own ?? openAsItIs(databaseLocation(config));
  try {
    const lastMs = await findLastBackup(db);
    const how = 'have `hubtab server backup` run every night (deploy/systemd has a timer)';
    if (lastMs === undefined) return { state: 'warning', text: `none was ever made: ${how}` };
    const ageMs = clock() - lastMs;
    const days = Math.floor(ageMs / DAY_MS);
    const text = days === 0 ? 'the last is of today' : `the last is ${days} days old`;
    return ageMs > BACKUP_OLD_MS ? { state: 'warning', text: `${text}: ${how}` } : good(text);
  } finally {
    if (!own) await db.destroy();
  }
}

async function lookAtVersions({ config: { install } }: Checked): Promise<Found> {
  const text = `hubtab ${packageJson.version}, Node ${process.versions.node}`;
  const manifest = await new Programs(install).manifest();
  if (!manifest) {
    const what = 'no hub program to hand out: name it with install.hubtab';
    return { state: 'warning', text: `${text}; ${what}` };
  }
  const platforms = Object.keys(manifest.tailscale);
  if (platforms.length > 0) return good(`${text}; tailscaled for ${platforms.join(', ')}`);
  const what = 'no tailscaled to hand out: name a folder with install.tailscaleDir';
  return { state: 'warning', text: `${text}; ${what}` };
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

async function lookAtHeadscale(config: Config, place: Place) {
  const { url } = place;
  if (url === undefined) await findHeadscale(config.headscale.binary, config.headscale.sha256);
  const { client, base } = connect(config, place);
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

async function lookAtPolicy(config: Config, place: Place) {
  if ((await connect(config, place).client.policy()) === POLICY)
    return good('the one that isolates units');
  throw new Error(
    'Headscale runs another policy than ours: restore policy.hujson, then restart Headscale',
  );
}

async function lookAtClock(config: Config, place: Place): Promise<Found> {
  const { client } = connect(config, place);
  await client.health();
  const skewMs = Math.abs(client.skewMs);
  const text = `${Math.round(skewMs / 1000)} s away from Headscale's`;
  if (skewMs > SKEW_FAILED_MS) throw new Error(`${text}: set both clocks, for example with chrony`);
  return skewMs > 0 ? { state: 'warning', text: `${text}: look at both clocks` } : good(text);
}

/** Where our own Headscale was told to listen; the system may have chosen the port. */
function supervisedAddress(config: Config): string {
  return writtenConfig(config)?.listen_addr ?? new URL(httpUrl(config.headscale.listen)).host;
}

function stunPort(config: Config): number {
  const address = writtenConfig(config)?.derp.server.stun_listen_addr;
  return Number(address?.split(':').at(-1) ?? DEFAULT_STUN_PORT);
}

/** Of what the Headscale that we run was told; undefined if it never ran, or somebody else runs it. */
function writtenConfig({ dataDir, headscale }: Config) {
  const path = join(dataDir, 'headscale', 'headscale.yaml');
  if (headscale.url !== undefined || !existsSync(path)) return undefined;
  const written: unknown = parse(readFileSync(path, 'utf8'));
  const server = z.object({ stun_listen_addr: z.string() });
  const shape = z.object({ listen_addr: z.string(), derp: z.object({ server }) });
  return shape.safeParse(written).data;
}

function connect(
  config: Config,
  { url, apiKeyFile }: Place,
): { client: HeadscaleClient; base: string } {
  const base = url ?? `http://${supervisedAddress(config)}`;
  const path = apiKeyFile ?? join(config.dataDir, 'headscale', 'api-key');
  const apiKey = existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
  return { base, client: new HeadscaleClient({ url: base, apiKey: () => apiKey }) };
}
