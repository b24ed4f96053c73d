import type { Context } from 'hono';
import type { AppEnvironment } from './environment.ts';

export type ClientAddress = (c: Context<AppEnvironment>) => string;

/**
 * Where a request comes from, for limits: the socket's address; or, behind a proxy, the last address of
 * X-Forwarded-For, which the proxy itself wrote. Whatever stands before it is the client's own invention.
 */
export function clientAddress(isBehindProxy: boolean): ClientAddress {
  return (c) => {
    const socket = c.env?.incoming?.socket.remoteAddress ?? 'unknown';
    if (!isBehindProxy) return socket;
    return c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() || socket;
  };
}
