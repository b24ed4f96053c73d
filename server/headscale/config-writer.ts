import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { POLICY } from './policy.ts';

/** Unix socket paths end at 108 bytes on Linux, 104 on macOS; Headscale adds nothing, we keep some room. */
const MAX_SOCKET_PATH = 100;

/** STUN's own (RFC 8489). */
export const DEFAULT_STUN_PORT = 3478;

export interface HeadscaleFiles {
  directory: string;
  config: string;
  policy: string;
  relayMap: string;
  apiKey: string;
  log: string;
  pid: string;
  /** Which version last ran on this data. */
  version: string;
  socket: string;
  /** A directory to remove at stop, if the socket had to live outside the data directory. */
  temporaryDirectory: string | undefined;
}

/** Where the parts of the supervised Headscale live; makes the directory. */
export function headscaleFiles(dataDirectory: string): HeadscaleFiles {
  const directory = join(dataDirectory, 'headscale');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const near = join(directory, 'headscale.sock');
  const isTooLong = Buffer.byteLength(near) >= MAX_SOCKET_PATH;
  const temporaryDirectory = isTooLong ? mkdtempSync(join(tmpdir(), 'hubtab-')) : undefined;
  return {
    directory,
    config: join(directory, 'headscale.yaml'),
    policy: join(directory, 'policy.hujson'),
    relayMap: join(directory, 'relay-map.yaml'),
    apiKey: join(directory, 'api-key'),
    log: join(directory, 'headscale.log'),
    pid: join(directory, 'headscale.pid'),
    version: join(directory, 'version'),
    socket: temporaryDirectory === undefined ? near : join(temporaryDirectory, 'headscale.sock'),
    temporaryDirectory,
  };
}

export interface HeadscaleSettings {
  /** `host:port` that Headscale listens on. */
  listen: string;
  /** Base URL under which hubs and browsers reach it. */
  publicUrl: string;
  stunPort: number;
  /** The relay is a process of its own, under the same address; Headscale's answers STUN alone. */
  hasOwnRelay?: boolean;
}

/** Writes headscale.yaml and the policy. Both belong to us: what an operator changed there is overwritten. */
export function writeHeadscaleConfig(files: HeadscaleFiles, settings: HeadscaleSettings): void {
  writePolicy(files);
  if (settings.hasOwnRelay) writeFileSync(files.relayMap, stringify(relayMap(settings)));
  writeFileSync(files.config, stringify(headscaleConfig(files, settings)), { mode: 0o600 });
}

export function writePolicy(files: HeadscaleFiles): void {
  writeFileSync(files.policy, POLICY, { mode: 0o600 });
}

/** Of our own relay and of Headscale's: to a client they are one, that moved. */
const REGION = { id: 999, code: 'hubtab', name: 'Hubtab' };

/** @returns a DERPMap, with the keys that Headscale reads (derp-example.yaml) */
function relayMap({ publicUrl, stunPort }: HeadscaleSettings): unknown {
  const { hostname, port } = new URL(publicUrl);
  const node = { name: `${REGION.id}a`, regionid: REGION.id, hostname };
  const ports = { derpport: Number(port || 443), stunport: stunPort };
  const region = { regionid: REGION.id, regioncode: REGION.code, regionname: REGION.name };
  // A key of an object would be written as text, and Headscale wants a number.
  return { regions: new Map([[REGION.id, { ...region, nodes: [{ ...node, ...ports }] }]]) };
}

function headscaleConfig(files: HeadscaleFiles, settings: HeadscaleSettings): unknown {
  const host = new URL(settings.publicUrl).hostname;
  const isLoopback = host === '127.0.0.1' || host === 'localhost' || host === '[::1]';
  return {
    server_url: settings.publicUrl,
    listen_addr: settings.listen,
    metrics_listen_addr: '',
    grpc_listen_addr: '127.0.0.1:0',
    unix_socket: files.socket,
    unix_socket_permission: '0600',
    noise: { private_key_path: join(files.directory, 'noise.key') },
    prefixes: { v4: '100.64.0.0/10', v6: 'fd7a:115c:a1e0::/48', allocation: 'random' },
    database: { type: 'sqlite', sqlite: { path: join(files.directory, 'headscale.sqlite') } },
    // The resolver of every hub stays as it is.
    dns: { magic_dns: false, override_local_dns: false },
    derp: {
      server: {
        enabled: true,
        ...(settings.hasOwnRelay ? { automatically_add_embedded_derp_region: false } : {}),
        region_id: REGION.id,
        region_code: REGION.code,
        region_name: REGION.name,
        verify_clients: true,
        stun_listen_addr: `${isLoopback ? '127.0.0.1' : '0.0.0.0'}:${settings.stunPort}`,
        private_key_path: join(files.directory, 'derp.key'),
        ...(isLoopback ? { ipv4: '127.0.0.1' } : {}),
      },
      urls: [],
      ...(settings.hasOwnRelay ? { paths: [files.relayMap] } : {}),
    },
    policy: { mode: 'file', path: files.policy },
    // A browser whose way to Headscale is blocked looks like one that is gone, while its terminals go on through the
    // relay. What a restarted browser leaves behind goes earlier (units/maintenance.ts).
    node: { expiry: 0, ephemeral: { inactivity_timeout: '10m' } },
    taildrop: { enabled: false },
    logtail: { enabled: false },
    log: { level: 'warn', format: 'text' },
    disable_check_updates: true,
    // The defaults (500 and 800 ms) make a join take two seconds; these 0.15 s, good to a few hundred nodes.
    tuning: {
      node_store_batch_timeout: '20ms',
      node_store_batch_size: 100,
      batch_change_delay: '50ms',
    },
  };
}
