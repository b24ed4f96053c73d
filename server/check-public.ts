import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, type PeerCertificate } from 'node:tls';
import { z } from 'zod';
import { isLoopbackHost, type Config } from './config.ts';
import type { HealthFinding } from '../protocol/admin.ts';
import { ServerInfo } from '../protocol/server-info.ts';
import { bindingRequest, isBindingAnswer } from './stun.ts';

/** A proxy that says nothing for this long keeps hubs and browsers waiting too, in ms. */
const TIMEOUT_MS = 5000;
/** Whoever renews certificates does so weeks before they end, in days. */
const CERTIFICATE_SOON = 14;
const DAY_MS = 24 * 3600 * 1000;
/** The version of the protocol that a current client names; any that Headscale takes is good here. */
const PROTOCOL = 142;

/** Where people, hubs and browsers find the server; undefined if it is for this machine alone. */
function publicUrlOf({ publicUrl }: Config): URL | undefined {
  const url = publicUrl === undefined ? undefined : new URL(publicUrl);
  return url && !isLoopbackHost(url.hostname) ? url : undefined;
}

/** Where hubs and browsers find Headscale, if that is not on this machine alone. */
function headscaleUrlOf(config: Config): URL | undefined {
  const named = config.headscale.publicUrl;
  const url = named === undefined ? publicUrlOf(config) : new URL(named);
  return url && !isLoopbackHost(url.hostname) ? url : undefined;
}

type Found = Omit<HealthFinding, 'name'>;
type Look = (config: Config) => Promise<Found>;

function good(text: string): Found {
  return { state: 'good', text };
}

function warning(text: string): Found {
  return { state: 'warning', text };
}

const NOTHING = good('not needed: this machine only');

/** Whether the host names lead anywhere. */
export const lookAtDns: Look = async (config) => {
  const hosts = new Set(
    [publicUrlOf(config), headscaleUrlOf(config)].flatMap((url) => url?.hostname ?? []),
  );
  if (hosts.size === 0) return NOTHING;
  const found: string[] = [];
  for (const host of hosts) {
    const addresses = await lookup(host, { all: true }).catch(() => []);
    const list = addresses.map(({ address }) => address);
    if (list.length === 0) {
      throw new Error(
        `${host} leads nowhere: make an A or AAAA record of it that holds this machine's address`,
      );
    }
    found.push(`${host} leads to ${list.join(', ')}`);
    if (list.every(isLoopbackHost)) {
      return warning(
        `${found.at(-1)}, this machine only, as seen from here; look at /etc/hosts and at what others see`,
      );
    }
  }
  return good(found.join('; '));
};

/** Whether hubs and browsers will trust the certificate, and how long. */
export const lookAtCertificate: Look = async (config) => {
  const url = publicUrlOf(config);
  if (url?.protocol !== 'https:') return NOTHING;
  const { certificate, problem } = await readCertificate(url);
  if (problem !== undefined) {
    throw new Error(
      `${url.host} shows a certificate that nobody trusts (${problem}): look at the proxy's certificate, its chain and its names`,
    );
  }
  const days = Math.floor((Date.parse(certificate.valid_to) - Date.now()) / DAY_MS);
  const text = `of ${issuerOf(certificate)}, good for ${days} more days`;
  return days < CERTIFICATE_SOON
    ? warning(`${text}: it should have been renewed by now; look at the proxy's log`)
    : good(text);
};

function issuerOf({ issuer }: PeerCertificate): string {
  return [issuer?.O, issuer?.CN].flat().find((name) => name !== undefined) ?? 'somebody unnamed';
}

async function readCertificate(url: URL) {
  const socket = connect({
    host: url.hostname,
    port: Number(url.port || 443),
    servername: url.hostname,
    rejectUnauthorized: false,
  });
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('it does not answer')));
  try {
    await once(socket, 'secureConnect');
    const problem = socket.authorized ? undefined : errorWords(socket.authorizationError);
    return { certificate: socket.getPeerCertificate(), problem };
  } catch (error) {
    throw new Error(
      `nothing speaks TLS at ${url.host} (${errorWords(error)}): is the proxy running, and TCP ${url.port || 443} open to others?`,
      { cause: error },
    );
  } finally {
    socket.destroy();
  }
}

/** Whether every path and every upgrade that hubs and browsers use comes through, and what is not theirs does not. */
export const lookAtProxy: Look = async (config) => {
  const [url, headscale] = [publicUrlOf(config), headscaleUrlOf(config)];
  if (!url || !headscale) return NOTHING;
  await expectServer(url);
  const key = await ask(new URL(`/key?v=${PROTOCOL}`, headscale));
  if (!z.object({ publicKey: z.string().startsWith('mkey:') }).safeParse(key.json).success) {
    throw new Error(
      `${headscale.origin}/key is not Headscale (it answered ${key.status}): send /ts2021, /key, /derp and /machine/ to it, as deploy/ has it`,
    );
  }
  for (const upgrade of UPGRADES) {
    const status = await tryUpgrade(headscale, upgrade);
    if (status !== 101) {
      throw new Error(
        `the proxy does not pass ${upgrade.words} (${upgrade.method} ${upgrade.path} with Upgrade: ${upgrade.protocol} got ${status}): ` +
          'let it hand on the headers Upgrade and Connection, also of POST, as deploy/ has it',
      );
    }
  }
  for (const path of ['/api/v1/user', '/metrics']) {
    for (const base of new Set([url.origin, headscale.origin])) {
      const { status, text } = await ask(new URL(path, base));
      // Headscale says "Unauthorized" to whoever has no key; the control server knows no such path.
      if (status !== 200 && !(path.startsWith('/api') && text.trim() === 'Unauthorized')) continue;
      throw new Error(
        `${base}${path} is open to everybody: let the proxy send on only what deploy/ lists`,
      );
    }
  }
  return good(`${url.origin} passes ${UPGRADES.map(({ words }) => words).join(', ')}`);
};

async function expectServer(url: URL): Promise<void> {
  const { status, json } = await ask(new URL('/v1/server', url));
  const info = ServerInfo.safeParse(json);
  if (!info.success) {
    throw new Error(
      `${url.origin} is not this server (it answered ${status}): point the proxy at the address of \`listen\``,
    );
  }
  if (info.data.issuer === url.origin) return;
  throw new Error(
    `${url.origin} leads to a server that calls itself ${info.data.issuer}: set publicUrl there, or the proxy right`,
  );
}

interface Upgrade {
  words: string;
  method: 'GET' | 'POST';
  path: string;
  protocol: string;
  headers?: Record<string, string>;
}

const WEBSOCKET = {
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': Buffer.alloc(16, 'hubtab').toString('base64'),
};

/** No handshake follows, so nobody is signed in by these. */
const UPGRADES: readonly Upgrade[] = [
  {
    words: "the browsers' way to Headscale",
    method: 'GET',
    path: '/ts2021',
    protocol: 'websocket',
    headers: { ...WEBSOCKET, 'Sec-WebSocket-Protocol': 'tailscale-control-protocol' },
  },
  {
    words: "the hubs' way to Headscale",
    method: 'POST',
    path: '/ts2021',
    protocol: 'tailscale-control-protocol',
    headers: { 'X-Tailscale-Handshake': Buffer.from('hubtab').toString('base64') },
  },
  {
    words: "the browsers' way to the relay",
    method: 'GET',
    path: '/derp',
    protocol: 'websocket',
    headers: { ...WEBSOCKET, 'Sec-WebSocket-Protocol': 'derp' },
  },
  { words: "the hubs' way to the relay", method: 'GET', path: '/derp', protocol: 'DERP' },
];

/** Answers the status; 101 if the other side changed protocols. */
async function tryUpgrade(base: URL, { method, path, protocol, headers }: Upgrade) {
  const request = open(new URL(path, base), method, {
    Connection: 'Upgrade',
    Upgrade: protocol,
    ...headers,
  });
  // Only one of the two comes.
  const over = new AbortController();
  const hear = (event: string) => {
    const heard = once(request, event, { signal: over.signal }) as Promise<
      [IncomingMessage, Duplex?]
    >;
    heard.catch(() => {}); // looked at below, or over
    return heard;
  };
  const answer = Promise.race([hear('upgrade'), hear('response')]);
  request.end();
  try {
    const [response, socket] = await answer;
    socket?.destroy();
    return response.statusCode ?? 0;
  } finally {
    over.abort();
    request.destroy();
  }
}

/** Whether the relay answers the probes by which hubs and browsers choose it. */
export const lookAtRelay: Look = async (config) => {
  const headscale = headscaleUrlOf(config);
  if (!headscale) return NOTHING;
  const url = new URL('/derp/probe', headscale);
  const { status, headers } = await ask(url);
  if (status === 200 && headers['access-control-allow-origin'] === '*') {
    return good(`answers at ${url.href}`);
  }
  throw new Error(
    `${url.href} answered ${status} where the relay answers 200: let the proxy send /derp and what is below it to Headscale`,
  );
};

/** Whether STUN comes through. Without it terminals work, by the relay alone. */
export async function lookAtStun(config: Config, port: number): Promise<Found> {
  const headscale = headscaleUrlOf(config);
  if (!headscale) return NOTHING;
  const where = `${headscale.hostname}, UDP ${port}`;
  if (await askStun(headscale.hostname, port)) return good(`answers at ${where}`);
  return warning(
    `no answer from ${where}: open that port. Until then every terminal goes through the relay`,
  );
}

async function askStun(host: string, port: number): Promise<boolean> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  const { request, id } = bindingRequest();
  try {
    // Datagrams may be lost: three, a second apart.
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const answered = once(socket, 'message', { signal: AbortSignal.timeout(1000) });
      answered.catch(() => {}); // looked at below
      socket.send(request, port, address);
      const [message] = (await answered.catch(() => [undefined])) as [Buffer | undefined];
      if (message && isBindingAnswer(message, id)) return true;
    }
    return false;
  } finally {
    socket.close();
  }
}

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
  /** Undefined if it is no JSON. */
  json: unknown;
}

async function ask(url: URL): Promise<Answer> {
  const request = open(url, 'GET', { Accept: 'application/json' });
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  request.end();
  const [response] = await answered.catch((error: unknown) => {
    throw new Error(`${url.origin} cannot be reached from here (${errorWords(error)})`, {
      cause: error,
    });
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    if (chunks.length > 100) break; // what we ask for is short
  }
  request.destroy();
  const text = Buffer.concat(chunks).toString();
  return { status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function open(url: URL, method: string, headers: Record<string, string>) {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send(url, { method, headers, agent: false });
  request.setTimeout(TIMEOUT_MS, () => request.destroy(new Error('no answer')));
  // Whoever waits hears of it; afterwards nobody does.
  request.on('error', () => {});
  return request;
}

function errorWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}
