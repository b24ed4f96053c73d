import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { BrowserKey, BrowserKeyRequest } from '../../protocol/hubs.ts';
import type { Services } from '../services.ts';
import { keyAskerOf, requireScope } from '../middleware/bearer.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { RateLimiter } from '../middleware/rate-limiter.ts';
import { json, problems } from './describe.ts';

/** An account with many hubs joins them all at start; Headscale itself makes at most 20 keys a second. */
const KEYS_PER_ACCOUNT = { burst: 200, refillMs: 500 };

export function browserKeyRoutes({ identity, hubs, browserKeys, clock }: Services) {
  const limiter = new RateLimiter(KEYS_PER_ACCOUNT, clock);
  const issueBrowserKey = createRoute({
    method: 'post',
    path: '/v1/hubs/{id}/browser-key',
    summary: 'A one-use key for this browser to join the unit of the hub',
    security: [{ bearer: ['keys:issue'] }],
    middleware: [requireScope(identity, 'keys:issue'), takeEmptyBody],
    request: {
      params: z.object({ id: z.string() }),
      headers: z.object({
        'idempotency-key': z
          .string()
          .regex(/^[\x21-\x7e]{1,128}$/, 'expected 1 to 128 visible ASCII characters')
          .optional()
          .describe('A repetition within 2 minutes gets the same key'),
      }),
      body: { required: false, content: { 'application/json': { schema: BrowserKeyRequest } } },
    },
    responses: { 200: json(BrowserKey, 'The key, never to be stored or logged'), ...problems },
  });
  return new OpenAPIHono<AppEnvironment>().openapi(issueBrowserKey, async (c) => {
    const { instance = null } = c.req.valid('json');
    const asker = { ...keyAskerOf(c), instance };
    limiter.spend(asker.accountId);
    const hub = await hubs.find(c.req.valid('param').id, asker.accountId);
    const idempotencyKey = c.req.valid('header')['idempotency-key'];
    const content = await c.req.text();
    const repetition = idempotencyKey === undefined ? undefined : { idempotencyKey, content };
    return c.json(await browserKeys.issue(hub, asker, repetition), 200);
  });
}

/** Some clients announce JSON whatever they send: an empty body is none. */
const takeEmptyBody: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  if ((await c.req.text()) === '') c.req.raw.headers.delete('content-type');
  await next();
};
