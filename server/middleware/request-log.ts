import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Log } from '../log.ts';
import type { AppEnvironment } from './environment.ts';

/**
 * Gives every request an id and writes one line about it. The id is always ours, and the line has the route's pattern
 * instead of the path: both could carry what a client took for a good place for a secret.
 */
export function requestLog(log: Log, clock: () => number): MiddlewareHandler<AppEnvironment> {
  return async function requestLogMiddleware(c, next) {
    const startedAtMs = performance.now();
    const requestId = randomUUID();
    c.set('requestId', requestId);
    c.set('receivedAtMs', clock());
    await next();
    c.header('X-Request-Id', requestId);
    log('info', 'request', {
      requestId,
      method: c.req.method,
      route: routePath(c, -1),
      status: c.res.status,
      durationMs: Math.round(performance.now() - startedAtMs),
    });
  };
}
