import autocannon from 'autocannon';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { percentile } from '../bench/statistics.ts';
import type { LoadedHub, LoadServer } from './load-server.ts';
import type { PacedAnswers, PacedLoad } from './paced.ts';

type Request = PacedLoad['requests'][number] & { method: 'GET' | 'POST' };

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

/** Either so many requests are always on the way, or so many a second are sent at even distances. */
export type Load = { seconds: number } & ({ connections: number } | { rate: number });

/** Reads the list of hubs, the accounts in turns. */
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

function request(method: 'GET' | 'POST', path: string, token: string): Request {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return { method, path, headers, ...(method === 'POST' ? { body: '{}' } : {}) };
}

function run(url: string, load: Load, requests: Request[]): Promise<Figures> {
  return 'rate' in load ? runPaced({ url, requests, ...load }) : runClosed(url, load, requests);
}

/** Autocannon's own `rate` sends a second's requests all at once at its beginning. */
async function runPaced(load: PacedLoad): Promise<Figures> {
  const worker = new Worker(new URL('paced.ts', import.meta.url), { workerData: load });
  const [{ statuses, lost, timesMs }] = (await once(worker, 'message')) as [PacedAnswers];
  const at = (percent: number) => Math.round(percentile(timesMs, percent));
  const perSecond = (statuses['200'] ?? 0) / load.seconds;
  return { statuses, lost, perSecond, p50: at(50), p99: at(99) };
}

async function runClosed(
  url: string,
  { connections, seconds }: { connections: number; seconds: number },
  requests: Request[],
): Promise<Figures> {
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    timeout: 10,
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
