import { timingSafeEqual } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { isLoopbackHost } from '../config.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { ApiError } from '../problem.ts';
import { hashSecret } from '../secrets.ts';
import type { Services } from '../services.ts';

/** `/metrics`: for this machine, or with the token of `metricsTokenFile`; for others it is not there. */
export function metricsRoutes(services: Services) {
  return new Hono<AppEnvironment>().get('/metrics', async (c) => {
    if (!isLocal(c, services) && !hasToken(c, services.metricsToken)) {
      throw new ApiError('not-found', 'There is nothing here.');
    }
    c.header('Content-Type', services.metrics.contentType);
    return c.body(await services.metrics.text());
  });
}

/** Whoever comes through a proxy is not local, even where nobody told us that there is one. */
function isLocal(c: Context<AppEnvironment>, { clientAddress }: Services): boolean {
  if (c.req.header('x-forwarded-for') !== undefined || c.req.header('forwarded') !== undefined) {
    return false;
  }
  return isLoopbackHost(clientAddress(c).replace(/^::ffff:/, ''));
}

function hasToken(c: Context, token: string | undefined): boolean {
  const given = /^Bearer (\S{1,512})$/.exec(c.req.header('authorization') ?? '')?.[1];
  if (token === undefined || given === undefined) return false;
  // Hashes have one length, whatever was sent.
  return timingSafeEqual(Buffer.from(hashSecret(given)), Buffer.from(hashSecret(token)));
}
