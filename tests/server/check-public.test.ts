import { readFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  lookAtCertificate,
  lookAtDns,
  lookAtProxy,
  lookAtRelay,
  lookAtStun,
} from '../../server/check-public.ts';
import type { HealthFinding } from '../../protocol/admin.ts';
import { parseConfig, type Config } from '../../server/config.ts';
import { freeTcpPort } from '../../server/free-port.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

/** On Linux this machine, and not called loopback: what stands there is looked at as others would. */
const HOST = '0.0.0.0';
let test: TestServer;
let front: Server;
let origin: string;
/** Where a request goes, or what the proxy says itself. */
let route: (request: IncomingMessage) => string | number;
const sockets = new Set<Duplex>();

const isHeadscale = ({ url = '' }: IncomingMessage) => /^\/(ts2021|key|derp|machine)\b/.test(url);
const right = (incoming: IncomingMessage) => {
  if (incoming.url === '/metrics') return 404;
  return isHeadscale(incoming) ? test.server.headscaleUrl : test.server.url;
};

beforeAll(async () => {
  const port = await freeTcpPort(HOST);
  origin = `http://${HOST}:${port}`;
  test = await startTestServer({ publicUrl: origin });
  front = createServer((incoming, answer) => {
    const target = route(incoming);
    if (typeof target === 'number') return void answer.writeHead(target).end();
    // As a proxy that knows of no upgrade: it keeps those two headers to itself.
    const headers = { ...incoming.headers };
    delete headers.connection;
    delete headers.upgrade;
    forward(incoming, target, headers).on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
  });
  front.on('upgrade', (incoming: IncomingMessage, socket: Duplex) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    const target = route(incoming);
    if (typeof target === 'number') return socket.end(`HTTP/1.1 ${target} No\r\n\r\n`);
    const upstream = forward(incoming, target, incoming.headers);
    const head = ({ statusCode, headers }: IncomingMessage) =>
      `HTTP/1.1 ${statusCode} x\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${String(value)}\r\n`)
        .join('')}\r\n`;
    upstream.on('upgrade', (response, other) => {
      other.on('error', () => {});
      socket.write(head(response));
      socket.pipe(other).pipe(socket);
    });
    upstream.on('response', (response) => socket.end(head(response)));
  });
  await new Promise<void>((listening) => front.listen(port, HOST, listening));
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  front?.closeAllConnections();
  front?.close();
  await test?.stop();
});

function forward(incoming: IncomingMessage, target: string, headers: IncomingMessage['headers']) {
  const { method, url = '/' } = incoming;
  const outgoing = request(new URL(url, target), { ...(method ? { method } : {}), headers });
  outgoing.on('error', () => {});
  return outgoing.end();
}

type Found = Omit<HealthFinding, 'name'>;

async function look(what: (config: Config) => Promise<Found>, publicUrl = origin): Promise<Found> {
  const config = parseConfig({ dataDir: test.dataDir, publicUrl, behindProxy: ['127.0.0.1'] });
  return what(config).catch((error: unknown) => ({ state: 'failed', text: String(error) }));
}

describe('a proxy', () => {
  it('that does all it should is good', async () => {
    route = right;
    expect(await look(lookAtProxy)).toMatchObject({ state: 'good' });
    expect(await look(lookAtRelay)).toMatchObject({ state: 'good' });
  });

  it.each<[string, (incoming: IncomingMessage) => string | number, string]>([
    ['sends all to the server', () => test.server.url, 'is not Headscale (it answered 404)'],
    ['sends all to Headscale', () => test.server.headscaleUrl, 'is not this server'],
    ['answers by itself', () => 502, 'is not this server (it answered 502)'],
    [
      'passes no WebSocket',
      (each) => (each.headers.upgrade === 'websocket' ? 426 : right(each)),
      "the browsers' way to Headscale (GET /ts2021 with Upgrade: websocket got 426)",
    ],
    [
      'passes no upgrade of POST',
      (each) => (each.method === 'POST' ? 400 : right(each)),
      "the hubs' way to Headscale (POST /ts2021",
    ],
    [
      'keeps the relay to itself',
      (each) => (each.url === '/derp' ? 404 : right(each)),
      "the browsers' way to the relay (GET /derp",
    ],
    [
      "opens Headscale's API",
      (each) => (each.url?.startsWith('/api/') ? test.server.headscaleUrl : right(each)),
      '/api/v1/user is open to everybody',
    ],
  ])('that %s is found out', async (_name, choose, words) => {
    route = choose;
    const { state, text } = await look(lookAtProxy);
    expect([state, text]).toEqual(['failed', expect.stringContaining(words)]);
  });

  it('that has no way to the relay is found out', async () => {
    route = (each) => (each.url?.startsWith('/derp/') ? 404 : right(each));
    expect(await look(lookAtRelay)).toMatchObject({ state: 'failed' });
  });
});

it('says what leads nowhere, speaks no TLS, or does not answer', async () => {
  const nowhere = await look(lookAtDns, 'https://no-such-host.invalid');
  expect([nowhere.state, nowhere.text]).toEqual([
    'failed',
    expect.stringContaining('make an A or AAAA record'),
  ]);
  const plain = await look(lookAtCertificate, origin.replace('http:', 'https:'));
  expect([plain.state, plain.text]).toEqual([
    'failed',
    expect.stringContaining('nothing speaks TLS'),
  ]);
  const closed = await look(lookAtProxy, `http://${HOST}:${await freeTcpPort(HOST)}`);
  expect(closed.text).toContain('cannot be reached from here (ECONNREFUSED)');
});

it('asks the relay’s STUN as clients do, and only warns without it', async () => {
  const written = readFileSync(test.server.headscaleConfig ?? '', 'utf8');
  const port = Number(/stun_listen_addr: "?[\d.]+:(\d+)/.exec(written)?.[1]);
  expect(await look((config) => lookAtStun(config, port))).toMatchObject({ state: 'good' });
});

it('a server for this machine alone needs none of it', async () => {
  for (const what of [lookAtDns, lookAtCertificate, lookAtProxy, lookAtRelay])
    expect(await look(what, 'http://127.0.0.1:1')).toMatchObject({ state: 'good' });
});
