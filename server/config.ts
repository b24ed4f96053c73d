import { z } from 'zod';
import { isPostgres } from './database/database.ts';
import { parseNetwork, type Network } from './middleware/client-address.ts';

/** Headscale's address is part of every hub's settings, so it is fixed unless somebody asks for port 0. */
const DEFAULT_HEADSCALE_LISTEN = '127.0.0.1:8085';

const HostPort = z.string().transform((text, context) => {
  const match = /^(?<host>\[[0-9a-f:.]+\]|[^:\s]+):(?<port>\d{1,5})$/i.exec(text);
  const port = Number(match?.groups?.port);
  if (!match?.groups?.host || port > 65_535) {
    context.addIssue(`expected host:port such as 127.0.0.1:8080, got "${text}"`);
    return z.NEVER;
  }
  return { host: match.groups.host.replaceAll(/[[\]]/g, ''), port };
});
export type HostPort = z.infer<typeof HostPort>;

const BaseUrl = z.string().transform((text, context) => {
  const url = URL.parse(text);
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash;
  if (!isPlain || url.username || url.pathname !== '/') {
    context.addIssue(`expected http(s)://host[:port] without a path, got "${text}"`);
    return z.NEVER;
  }
  if (isLinkLocal(url)) {
    context.addIssue(`"${text}" is a link-local address, where clouds keep their secrets`);
    return z.NEVER;
  }
  return url.origin;
});

function isLinkLocal({ hostname }: URL): boolean {
  return /^169\.254\.|^\[fe[89ab]|^\[::ffff:a9fe:/.test(hostname);
}

const ProxyNetwork = z.string().transform((text, context): Network => {
  const network = parseNetwork(text);
  // The whole Internet is no proxy: everybody could say who they are.
  if (network && network.prefix > 0) return network;
  context.addIssue(`expected an address or a network such as 10.0.0.0/8, got "${text}"`);
  return z.NEVER;
});

/** What one Headscale 0.29 holds with our policy when people come and go; docs/scale.md has what it rests on. */
const HubLimit = z.int().min(1).default(300);

const Headscale = z
  .strictObject({
    /** Program to supervise; if unset, the project's own or the one in PATH. */
    binary: z.string().optional(),
    /** Its SHA-256, looked at before each start; if unset, the one that set-up wrote beside it. */
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'expected 64 digits of sha256sum')
      .optional(),
    /** Where the supervised Headscale listens; port 0: the system chooses. */
    listen: HostPort.prefault(DEFAULT_HEADSCALE_LISTEN),
    /** How hubs and browsers reach Headscale; if unset, its own address, or publicUrl if that is https. */
    publicUrl: BaseUrl.optional(),
    /** REST API of a Headscale that somebody else runs; then none is supervised. */
    url: BaseUrl.optional(),
    /** File with the API key for `url`. */
    apiKeyFile: z.string().optional(),
    /** Hubs that it may hold; one more is refused, or goes to another shard. */
    hubs: HubLimit,
  })
  .refine((value) => (value.url === undefined) === (value.apiKeyFile === undefined), {
    path: ['apiKeyFile'],
    message: 'headscale.url and headscale.apiKeyFile go together',
  });

/** A relay that is a process of its own, `hubtab server relay`: terminals outlive restarts of Headscale. */
const Relay = z.strictObject({
  /** Where derper listens; the proxy sends `/derp` there. */
  listen: HostPort,
  /** The program; if unset, the project's own or the one in PATH. */
  binary: z.string().optional(),
});

/** One more Headscale that somebody runs; new hubs go where there is room. */
const ShardConfig = z.strictObject({
  /** Written into the rows of its hubs, so it stays. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'expected lower-case letters, digits and dashes'),
  url: BaseUrl,
  apiKeyFile: z.string(),
  /** How hubs and browsers reach it; if unset, `url`. */
  publicUrl: BaseUrl.optional(),
  hubs: HubLimit,
});
export type ShardConfig = z.infer<typeof ShardConfig>;

const Database = z.strictObject({
  /** `postgres://…`; if unset, SQLite in the data directory. Never repeated in a message: it may hold a password. */
  url: z
    .string()
    .refine((text) => isPostgres(text) && URL.canParse(text), 'expected postgres://user@host/name')
    .optional(),
});

/** What is handed out to machines that become hubs. */
const Install = z.strictObject({
  /** The bundled hub program; if unset, the project's own. */
  hubtab: z.string().optional(),
  /** Folder with tailscale and tailscaled, or with folders such as linux-arm64; if unset, the project's own or PATH. */
  tailscaleDir: z.string().optional(),
});

const Oidc = z.strictObject({
  /** `https://…`, exactly as the provider's discovery document has it. Plain http only on loopback. */
  issuer: z.url({ protocol: /^https?$/ }).refine(isSafeIssuer, 'expected https, without a query'),
  clientId: z.string().min(1),
  /** File with the client's secret, mode 0600. */
  clientSecretFile: z.string().min(1),
  /** The button says "Continue with …". */
  name: z.string().min(1).max(40).default('single sign-on'),
  /** Whoever the provider knows gets an account; if false, only invited people do. */
  signUp: z.boolean().default(false),
});

function isSafeIssuer(issuer: string): boolean {
  const url = URL.parse(issuer);
  if (!url || url.search || url.hash || url.username || isLinkLocal(url)) return false;
  return url.protocol === 'https:' || isLoopbackHost(url.hostname);
}

export const Config = z
  .strictObject({
    dataDir: z.string().min(1),
    listen: HostPort.prefault('127.0.0.1:8080'),
    /** How hubs and browsers reach this server; if unset, the address it listens on. */
    publicUrl: BaseUrl.optional(),
    /** Networks of the proxies that terminate TLS; only from them X-Forwarded-For counts. If empty, there is no proxy. */
    behindProxy: z.array(ProxyNetwork).default([]),
    /** Opens the development door (development.ts). Loopback only. */
    development: z.boolean().default(false),
    /** File with the token that `/metrics` takes from other machines; if unset, only this machine reads it. */
    metricsTokenFile: z.string().optional(),
    database: Database.prefault({}),
    headscale: Headscale.prefault({}),
    /** If unset, Headscale's own relay is used. */
    relay: Relay.optional(),
    /** Headscales beside `headscale`, which is the shard `default`. Only in the file. */
    shards: z.array(ShardConfig).default([]),
    install: Install.prefault({}),
    /** Ids of extensions that may sign in, beside the one of unpacked builds. */
    extensionIds: z
      .array(z.string().regex(/^[a-p]{32}$/, 'expected 32 letters a to p'))
      .default([]),
    /** If unset, people sign in with passwords and passkeys. */
    oidc: Oidc.optional(),
  })
  .superRefine((config, context) => {
    const refuse = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    const isLoopback = isLoopbackHost(config.listen.host);
    const isBehindProxy = config.behindProxy.length > 0;
    if (!isLoopback && !isBehindProxy) {
      refuse(
        'listen',
        `${config.listen.host} is not loopback and this server speaks plain http; ` +
          'listen on 127.0.0.1, or put a TLS proxy before it and name its address: --behind-proxy 10.0.0.7',
      );
    }
    if (isBehindProxy && config.publicUrl === undefined) {
      refuse('publicUrl', 'needed with behindProxy: the https address of the proxy');
    }
    if (config.relay && config.headscale.url !== undefined)
      refuse('relay', 'the Headscale of headscale.url has a relay map of its own');
    else if (config.relay && config.headscale.listen.port === 0)
      refuse('relay', 'asks Headscale who may connect: give headscale.listen a port');
    const ids = ['default', ...config.shards.map(({ id }) => id)];
    const urls = [config.headscale.url, ...config.shards.map(({ url }) => url)];
    for (const [what, all] of Object.entries({ id: ids, url: urls.filter(Boolean) })) {
      if (new Set(all).size < all.length) refuse('shards', `two shards have the same ${what}`);
    }
    if (!isLoopback && config.development) refuse('development', 'only on a loopback address');
  });

export type Config = z.infer<typeof Config>;
/** What callers give: everything but `dataDir` may be absent. */
export type ConfigInput = z.input<typeof Config>;

/** A mistake in the configuration. The message names the key. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** @throws ConfigError */
export function parseConfig(input: unknown): Config {
  const parsed = Config.safeParse(input);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(
    (issue) => `${issue.path.map(String).join('.') || 'configuration'}: ${issue.message}`,
  );
  throw new ConfigError(lines.join('\n'));
}

/** Whether only this machine can reach a host. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** `http://host:port`, with brackets around IPv6. */
export function httpUrl({ host, port }: HostPort): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
