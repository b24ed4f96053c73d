import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import {
  clientAddress,
  networkOf,
  parseNetwork,
  type Network,
} from '../../server/middleware/client-address.ts';
import type { AppEnvironment } from '../../server/middleware/environment.ts';

/** What the server takes for the client's address. */
async function seen(trusted: string[], socket: string, forwarded?: string): Promise<string> {
  const networks = trusted.map((text) => parseNetwork(text)).filter((n): n is Network => !!n);
  const address = clientAddress(networks);
  const app = new Hono<AppEnvironment>().get('/', (c) => c.text(address(c)));
  const headers: Record<string, string> = forwarded ? { 'x-forwarded-for': forwarded } : {};
  const bindings = { incoming: { socket: { remoteAddress: socket } } };
  return (await app.request('/', { headers }, bindings)).text();
}

describe('the address of a client', () => {
  it.each([
    ['the socket’s, whatever a header says', [], '192.0.2.7', '198.51.100.1', '192.0.2.7'],
    ['the socket’s, if that is no proxy', ['10.0.0.7'], '192.0.2.7', '198.51.100.1', '192.0.2.7'],
    ['what the proxy says', ['10.0.0.7'], '10.0.0.7', '198.51.100.1', '198.51.100.1'],
    ['not what the client told the proxy', ['10.0.0.7'], '10.0.0.7', '1.1.1.1, 8.8.8.8', '8.8.8.8'],
    ['before all proxies', ['10.0.0.0/8'], '10.0.0.7', '1.1.1.1, 8.8.8.8,10.1.2.3', '8.8.8.8'],
    ['the last that is one', ['10.0.0.0/8'], '10.0.0.7', 'nonsense, 10.1.2.3', '10.1.2.3'],
    ['the proxy’s without a header', ['10.0.0.7'], '10.0.0.7', undefined, '10.0.0.7'],
    ['IPv4 on an IPv6 socket', ['10.0.0.7'], '::ffff:10.0.0.7', '::ffff:8.8.8.8', '8.8.8.8'],
    ['IPv6', ['fd00::/8'], 'fd00::1', '2001:db8::9', '2001:db8::9'],
  ])('is %s', async (_, trusted, socket, forwarded, expected) => {
    expect(await seen(trusted, socket, forwarded)).toBe(expected);
  });
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:0db8:0000:0000:ffff::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('a limit counts %s as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

it.each(['', 'x', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0.0/', '::/129', '/8'])(
  '"%s" is no network',
  (text) => expect(parseNetwork(text)).toBeUndefined(),
);
