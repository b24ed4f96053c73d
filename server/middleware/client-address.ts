import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Context } from 'hono';
import type { AppEnvironment } from './environment.ts';

/** The IP address that a request comes from. */
export type ClientAddress = (c: Context<AppEnvironment>) => string;

/** Addresses of a network: `10.0.0.0/8`, `fd00::/8`, or one address. */
export interface Network {
  address: string;
  prefix: number;
}

/** @returns undefined when it is no network */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  const most = version === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  const isRight = version !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits ?? '0');
  return isRight && prefix <= most ? { address, prefix } : undefined;
}

/**
 * Where a request comes from, for limits and the audit log: the socket's address. X-Forwarded-For counts only when the
 * socket is a trusted proxy, and then from its end: the last address that is no trusted proxy. Whatever stands before that
 * one is the client's own invention.
 */
export function clientAddress(trusted: readonly Network[]): ClientAddress {
  const proxies = new BlockList();
  for (const { address, prefix } of trusted) proxies.addSubnet(address, prefix, family(address));
  const isProxy = (address: string) => proxies.check(address, family(address));
  return (c) => {
    let client = unmapped(c.env?.incoming?.socket.remoteAddress ?? 'unknown');
    const hops = c.req.header('x-forwarded-for')?.split(',') ?? [];
    while (isIP(client) !== 0 && isProxy(client)) {
      const before = unmapped(hops.pop()?.trim() ?? '');
      if (isIP(before) === 0) break;
      client = before;
    }
    return client;
  };
}

/** What one client has to itself, as the key of a limit: an IPv4 address, or the /64 that an IPv6 client moves in freely. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? [];
  const groups = (part: string) => part.split(':').filter((group) => group !== '');
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(Math.max(missing, 0)).fill('0'), ...groups(tail)];
  const first = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(':')}::/64`;
}

/** IPv4 as IPv4: a socket that listens on IPv6 too says `::ffff:192.0.2.7`. */
function unmapped(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
