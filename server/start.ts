import { readFileSync } from 'node:fs';
import packageJson from '../package.json' with { type: 'json' };
import { EXTENSION_ID } from '../protocol/oauth.ts';
import { createApp } from './app.ts';
import { backUpBeforeUpgrade, planUpgrade } from './backup/before-upgrade.ts';
import {
  ConfigError,
  httpUrl,
  parseConfig,
  type Config,
  type ConfigInput,
  type ShardConfig,
} from './config.ts';
import {
  databaseLocation,
  lockDataDirectory,
  prepareDataDirectory,
  sealKey,
  readSecrets,
  writeAddress,
} from './data-directory.ts';
import { openDatabase, type Database } from './database/database.ts';
import { countHubsByShard, DEFAULT_SHARD } from './database/hubs.ts';
import { freeBytes } from './disk.ts';
import { startHeadscale, startShard, type RunningHeadscale } from './headscale/start-headscale.ts';
import { startHttpServer, type Fetch } from './http-server.ts';
import { Programs } from './install/programs.ts';
import type { OidcConfig } from './identity/oidc-provider.ts';
import { LocalIdentity } from './identity/local-identity.ts';
import { MemoryTokens } from './identity/memory-tokens.ts';
import { jsonLog, type Log } from './log.ts';
import { clientAddress } from './middleware/client-address.ts';
import { createReconciler } from './reconcile/create-reconciler.ts';
import { leadership } from './reconcile/leadership.ts';
import type { Reconciler } from './reconcile/reconciler.ts';
import { Seal } from './seal.ts';
import { createServices, type Services } from './services.ts';

export interface StartOptions {
  /** If unset, JSON lines on stderr. */
  log?: Log;
  /** ms since 1970; if unset, the system's. */
  clock?: () => number;
}

export interface RunningServer {
  /** Address that it listens on. */
  url: string;
  /** Base URL of Headscale as hubs and browsers reach it. */
  headscaleUrl: string;
  /** Path of headscale.yaml; undefined with an external Headscale. */
  headscaleConfig: string | undefined;
  /** Process id of the supervised Headscale at this moment. */
  headscalePid: () => number | undefined;
  /** Ends everything: no process, timer or socket is left. May be called twice. */
  stop: () => Promise<void>;
  /** For tests and development.ts. */
  internals: ServerInternals;
}

interface ServerInternals {
  config: Config;
  services: Services;
  reconciler: Reconciler;
  /** Present only with `development: true`. */
  memoryTokens: MemoryTokens | undefined;
}

/**
 * Starts the server and its Headscale. Resolves when keys can be issued, or when Headscale stayed silent for a while;
 * then the server answers without it and goes on trying.
 * @throws ConfigError, or an Error whose message names the key that is at fault
 */
export async function startServer(
  input: ConfigInput,
  options: StartOptions = {},
): Promise<RunningServer> {
  const config = parseConfig(input);
  const cleanups: (() => void | Promise<void>)[] = [];
  const cleanUp = async () => {
    // The reverse order of the start; each once.
    for (let next = cleanups.pop(); next; next = cleanups.pop()) await next();
  };
  try {
    const server = await startParts(config, options, (cleanup) => cleanups.push(cleanup));
    let stopping: Promise<void> | undefined;
    return { ...server, stop: () => (stopping ??= cleanUp()) };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

async function startParts(
  config: Config,
  options: StartOptions,
  onStop: (cleanup: () => void | Promise<void>) => void,
): Promise<Omit<RunningServer, 'stop'>> {
  const log = options.log ?? jsonLog((line) => process.stderr.write(`${line}\n`));
  const clock = options.clock ?? Date.now;
  prepareDataDirectory(config.dataDir);
  onStop(lockDataDirectory(config.dataDir));
  const backup = await backUpBeforeUpgrade(config, await planUpgrade(config));
  if (backup !== undefined) log('info', 'backed-up-before-upgrade', { file: backup });
  const db = await openDatabase(databaseLocation(config));
  onStop(() => db.destroy());
  // Listening first: a taken port is found before anything is started for it.
  let handler: Fetch = () => new Response('starting\n', { status: 503 });
  const http = await startHttpServer(config.listen, () => handler);
  const url = httpUrl(http.address);
  let headscale;
  const others: (ShardConfig & { running: RunningHeadscale })[] = [];
  try {
    await assertShardsKnown(db, config);
    headscale = await startHeadscale(config, { log, clock });
    onStop(headscale.stop);
    for (const shard of config.shards) {
      const running = await startShard(shard, { log, clock });
      onStop(running.stop);
      others.push({ ...shard, running });
    }
  } catch (error) {
    await http.stop();
    throw error;
  }
  const memoryTokens = config.development ? new MemoryTokens() : undefined;
  const publicUrl = config.publicUrl ?? url;
  writeAddress(config.dataDir, publicUrl);
  const services = createServices({
    db,
    config,
    identity: new LocalIdentity({ db, clock, memoryTokens, publicUrl }),
    headscale: headscale.client,
    gate: headscale.gate,
    publicUrl,
    secrets: readSecrets(config.dataDir),
    extensionIds: [EXTENSION_ID, ...config.extensionIds],
    oidc: readOidc(config),
    controlUrl: headscale.publicUrl,
    hubLimit: config.headscale.hubs,
    otherShards: others.map(({ id, hubs, running }) => ({
      id,
      headscale: running.client,
      gate: running.gate,
      controlUrl: running.publicUrl,
      hubLimit: hubs,
    })),
    version: packageJson.version,
    programs: new Programs(config.install),
    metricsToken: readMetricsToken(config),
    freeBytes: () => freeBytes(config.dataDir),
    clientAddress: clientAddress(config.behindProxy),
    seal: new Seal(sealKey(config.dataDir)),
    clock,
    log,
  });
  const reconcilerOf = (shardId: string, running: RunningHeadscale) => {
    const made = createReconciler(services, {
      ...running,
      shardId,
      leadership: leadership(databaseLocation(config), shardId),
    });
    made.start();
    onStop(() => made.stop());
    return made;
  };
  const reconciler = reconcilerOf(DEFAULT_SHARD, headscale);
  for (const { id, running } of others) reconcilerOf(id, running);
  const app = createApp(services);
  handler = (request, bindings) => app.fetch(request, bindings);
  onStop(http.stop); // the first to stop: nothing new comes in
  return {
    url,
    headscaleUrl: headscale.publicUrl,
    headscaleConfig: headscale.configPath,
    headscalePid: headscale.pid,
    internals: { config, services, reconciler, memoryTokens },
  };
}

/** A hub whose Headscale nobody names would be one that nobody can reach or remove. */
async function assertShardsKnown(db: Database, { shards }: Config): Promise<void> {
  const known = new Set([DEFAULT_SHARD, ...shards.map(({ id }) => id)]);
  for (const [id, count] of await countHubsByShard(db)) {
    if (known.has(id)) continue;
    throw new ConfigError(`shards: ${count} hubs are on ${id}, which is not there any more`);
  }
}

function readMetricsToken({ metricsTokenFile }: Config): string | undefined {
  if (metricsTokenFile === undefined) return undefined;
  try {
    const token = readFileSync(metricsTokenFile, 'utf8').trim();
    if (token.length >= 16) return token;
  } catch (cause) {
    throw new ConfigError(`metricsTokenFile: cannot read ${metricsTokenFile}`, { cause });
  }
  throw new ConfigError('metricsTokenFile: expected at least 16 characters');
}

function readOidc({ oidc }: Config): OidcConfig | undefined {
  if (!oidc) return undefined;
  const { clientSecretFile, ...rest } = oidc;
  try {
    return { ...rest, clientSecret: readFileSync(clientSecretFile, 'utf8').trim() };
  } catch (cause) {
    throw new ConfigError(`oidc.clientSecretFile: cannot read ${clientSecretFile}`, { cause });
  }
}
