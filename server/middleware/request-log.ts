import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Services } from '../services.ts';
import type { AppEnvironment } from './environment.ts';

/**
 * Gives every request an id and writes one line about it. The id is always ours, and the line has the route's pattern
 * instead of the path: both could carry what a client took for a good place for a secret.
 */
export function requestLog({
  log,
  clock,
  metrics,
}: Pick<Services, 'log' | 'clock' | 'metrics'>): MiddlewareHandler<AppEnvironment> {
  return async function requestLogMiddleware(c, next) {
    const startedAtMs = performance.now();
    const requestId = randomUUID();
    c.set('requestId', requestId);
    c.set('receivedAtMs', clock());
    await next();
    c.header('X-Request-Id', requestId);
    const { method } = c.req;
    const { status } = c.res;
    const route = routePath(c, -1);
    const durationMs = performance.now() - startedAtMs;
    metrics.observeRequest(method, route, status, durationMs / 1000);
    log('info', 'request', {
      requestId,
      method,
      route,
      status,
      durationMs: Math.round(durationMs),
    });
  };
}
