import { setTimeout as delay } from 'node:timers/promises';
import type { Config, ShardConfig } from '../config.ts';
import { ConfigError, httpUrl, isLoopbackHost } from '../config.ts';
import { freeTcpPort, freeUdpPort } from '../free-port.ts';
import type { Log } from '../log.ts';
import { idPrefix } from '../units/shards.ts';
import { apiKeyFromCli, apiKeyFromFile, type ApiKeySource } from './api-key.ts';
import { findHeadscale } from './binary.ts';
import { HeadscaleClient } from './client.ts';
import {
  DEFAULT_STUN_PORT,
  headscaleFiles,
  writeHeadscaleConfig,
  writePolicy,
} from './config-writer.ts';
import { HeadscaleGate, type GateState } from './gate.ts';
import { HeadscaleSupervisor } from './supervisor.ts';
import { writeUsedVersion } from './upgrade-step.ts';

/** A new Headscale needs 1 to 3 s; on a busy machine several times that. */
const START_TIMEOUT_MS = 20_000;

export interface RunningHeadscale {
  client: HeadscaleClient;
  gate: HeadscaleGate;
  apiKeys: ApiKeySource;
  /** Puts our policy back in force; undefined for a Headscale that somebody else runs. */
  restorePolicy: (() => Promise<void>) | undefined;
  /** Base URL as hubs and browsers reach it. */
  publicUrl: string;
  /** Path of headscale.yaml, for the `headscale` command line; undefined if it is not ours. */
  configPath: string | undefined;
  /** Process id of our child; undefined if there is none now. */
  pid: () => number | undefined;
  stop: () => Promise<void>;
}

export interface Surroundings {
  log: Log;
  /** ms since 1970. */
  clock: () => number;
  /** Makes ids of this Headscale differ from those of others; if unset, they are bare. */
  idPrefix?: string;
}

/**
 * Starts a supervised Headscale, or connects to the one of `headscale.url`. One that does not answer (yet) is no error:
 * it is tried again for as long as the server runs.
 * @throws when the program is missing, or its version is refused
 */
export async function startHeadscale(
  config: Config,
  { log, clock }: Surroundings,
): Promise<RunningHeadscale> {
  const { url, apiKeyFile } = config.headscale;
  const isExternal = url !== undefined && apiKeyFile !== undefined;
  const running = isExternal
    ? connect({ ...config.headscale, url, apiKeyFile }, { log, clock })
    : await supervise(config, { log, clock });
  // Our own needs a moment to start; another one that is silent may stay so.
  return started('headscale', running, isExternal ? 0 : START_TIMEOUT_MS);
}

/** Connects to the Headscale of a further shard. @throws when its version is refused */
export function startShard(
  shard: ShardConfig,
  surroundings: Surroundings,
): Promise<RunningHeadscale> {
  const running = connect(shard, { ...surroundings, idPrefix: idPrefix(shard.id) });
  return started(`shards: ${shard.id}`, running, 0);
}

async function started(
  what: string,
  running: RunningHeadscale,
  patienceMs: number,
): Promise<RunningHeadscale> {
  const state = await firstState(running.gate, patienceMs);
  if (state.kind === 'refused' && state.what === 'version') {
    await running.stop();
    throw new Error(`${what}: ${state.reason}`);
  }
  running.gate.start();
  return running;
}

function connect(
  { url, apiKeyFile, publicUrl }: Pick<ShardConfig, 'url' | 'apiKeyFile' | 'publicUrl'>,
  surroundings: Surroundings,
): RunningHeadscale {
  const apiKeys = apiKeyFromFile(apiKeyFile);
  const { client, gate } = makeClient(url, apiKeys, surroundings);
  return {
    client,
    gate,
    apiKeys,
    restorePolicy: undefined,
    publicUrl: publicUrl ?? url,
    configPath: undefined,
    pid: () => undefined,
    stop() {
      gate.stop();
      return Promise.resolve();
    },
  };
}

async function supervise(config: Config, surroundings: Surroundings): Promise<RunningHeadscale> {
  const { sha256 } = config.headscale;
  const { binary, version } = await findHeadscale(config.headscale.binary, sha256);
  const { host, port } = config.headscale.listen;
  const listen = { host, port: port || (await freeTcpPort(host)) };
  const url = httpUrl(listen);
  const publicUrl = config.headscale.publicUrl ?? httpsOnly(config.publicUrl) ?? url;
  if (config.relay && !publicUrl.startsWith('https:'))
    throw new ConfigError('relay: needs a proxy that shares one https origin: set publicUrl');
  const files = headscaleFiles(config.dataDir);
  writeHeadscaleConfig(files, {
    listen: url.slice('http://'.length),
    publicUrl,
    // Others have to reach it, through firewalls where its number stands; on this machine alone any is good.
    stunPort: isLoopbackHost(new URL(publicUrl).hostname)
      ? await freeUdpPort('127.0.0.1')
      : DEFAULT_STUN_PORT,
    hasOwnRelay: config.relay !== undefined,
  });
  const apiKeys = apiKeyFromCli({ binary, config: files.config, path: files.apiKey });
  const { client, gate } = makeClient(url, apiKeys, surroundings);
  const { log } = surroundings;
  const supervisor = new HeadscaleSupervisor({
    binary,
    sha256,
    files,
    log,
    onExit: () => gate.close(),
  });
  supervisor.start();
  // From now on its data may be of this version.
  writeUsedVersion(files.version, version);
  return {
    client,
    gate,
    apiKeys,
    restorePolicy() {
      writePolicy(files);
      supervisor.reload();
      return Promise.resolve();
    },
    publicUrl,
    configPath: files.config,
    pid: () => supervisor.pid,
    async stop() {
      gate.stop();
      await supervisor.stop();
    },
  };
}

function makeClient(
  url: string,
  apiKeys: ApiKeySource,
  { log, clock, idPrefix: prefix = '' }: Surroundings,
) {
  const apiKey = () => apiKeys.current();
  const client = new HeadscaleClient({ url, apiKey, clock, idPrefix: prefix });
  return { client, gate: new HeadscaleGate(client, apiKeys, log) };
}

/** Looks until Headscale says something, or the time is over. */
async function firstState(gate: HeadscaleGate, patienceMs: number): Promise<GateState> {
  const deadlineMs = Date.now() + patienceMs;
  let state = await gate.check();
  while (state.kind === 'silent' && Date.now() < deadlineMs) {
    await delay(100);
    state = await gate.check();
  }
  return state;
}

/** Behind a proxy with TLS, the same host name serves Headscale's few public paths. */
function httpsOnly(url: string | undefined): string | undefined {
  return url?.startsWith('https:') ? url : undefined;
}
