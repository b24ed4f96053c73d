import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import type { HostPort } from './config.ts';

/** Requests in flight get this long to finish at stop, in ms. */
const DRAIN_MS = 10_000;

export type Fetch = (
  request: Request,
  bindings: Partial<HttpBindings>,
) => Response | Promise<Response>;

export interface RunningHttpServer {
  address: HostPort;
  /** Stops listening, lets requests finish, closes. */
  stop: () => Promise<void>;
}

/**
 * Listens.
 * @param handler asked for at each request, so that it may be made when the port is known
 * @throws when the address is taken or not ours
 */
export function startHttpServer(
  listen: HostPort,
  handler: () => Fetch,
): Promise<RunningHttpServer> {
  const server = createAdaptorServer({
    // HTTP/2 bindings do not occur: this is a plain http server.
    fetch: (request, bindings) => handler()(request, bindings as HttpBindings),
    serverOptions: { requestTimeout: 10_000, headersTimeout: 10_000 },
  });
  const stop = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        if ('closeAllConnections' in server) server.closeAllConnections();
      }, DRAIN_MS);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      if ('closeIdleConnections' in server) server.closeIdleConnections();
    });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new Error(`listen: ${listen.host}:${listen.port}: ${error.message}`, { cause: error }),
      );
    });
    server.listen(listen.port, listen.host, () => {
      const { port } = server.address() as AddressInfo; // not a pipe, so not a string
      resolve({ address: { host: listen.host, port }, stop });
    });
  });
}
