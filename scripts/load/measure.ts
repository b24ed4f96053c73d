import autocannon from 'autocannon';
import type { LoadedHub, LoadServer } from './load-server.ts';

/** What one run of autocannon told. */
export interface Figures {
  /** Answers by status. */
  statuses: Record<string, number>;
  /** Requests without an answer: refused, cut or later than 10 s. */
  lost: number;
  /** Successful answers a second. */
  perSecond: number;
  /** Of all answers, in ms. */
  p50: number;
  p99: number;
}

export interface Load {
  /** Requests that are on the way at once. */
  connections: number;
  seconds: number;
  /** Requests a second in all; if unset, each connection asks again as soon as it was answered. */
  rate?: number;
}

/** Reads the list of hubs, each connection for another account. */
export function listHubs({ server, hubs }: LoadServer, load: Load): Promise<Figures> {
  return run(
    server.url,
    load,
    hubs.map(({ token }) => request('GET', '/v1/hubs', token)),
  );
}

/** Asks for browser keys, the accounts in turns. */
export function askForKeys({ server, hubs }: LoadServer, load: Load): Promise<Figures> {
  return run(
    server.url,
    load,
    hubs.map((hub) => request('POST', keyPath(hub), hub.token)),
  );
}

/** Asks Headscale itself for keys of the same kind, without our server. */
export async function askHeadscaleForKeys(
  { server }: LoadServer,
  apiKey: string,
  load: Load,
): Promise<Figures> {
  const users = await server.internals.services.headscale.listUsers();
  const body = (user: string) =>
    JSON.stringify({
      user,
      reusable: false,
      ephemeral: true,
      expiration: new Date(Date.now() + 300_000).toISOString(),
    });
  const units = users.filter(({ name }) => name.startsWith('hub-'));
  return run(
    server.headscaleUrl,
    load,
    units.map(({ id }) => ({
      ...request('POST', '/api/v1/preauthkey', apiKey),
      body: body(id),
    })),
  );
}

export function keyPath({ hubId }: LoadedHub): string {
  return `/v1/hubs/${hubId}/browser-key`;
}

function request(method: 'GET' | 'POST', path: string, token: string): autocannon.Request {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return { method, path, headers, ...(method === 'POST' ? { body: '{}' } : {}) };
}

async function run(url: string, load: Load, requests: autocannon.Request[]): Promise<Figures> {
  const result = await autocannon({
    url,
    connections: load.connections,
    duration: load.seconds,
    timeout: 10,
    ...(load.rate === undefined ? {} : { overallRate: load.rate }),
    requests,
    workers: 1, // beside the server's event loop, not in it
  });
  const statuses = Object.fromEntries(
    Object.entries(result.statusCodeStats ?? {}).map(([status, { count }]) => [status, count ?? 0]),
  );
  return {
    statuses,
    lost: result.errors + result.timeouts,
    perSecond: result['2xx'] / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}
