import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  Heartbeat,
  HeartbeatAnswer,
  HubKey,
  HubRegistered,
  HubRegistration,
} from '../../protocol/hub-registration.ts';
import type { Services } from '../services.ts';
import { bearerToken, hubIdOf, requireScope } from '../middleware/bearer.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { RateLimiter } from '../middleware/rate-limiter.ts';
import { joinTokenError } from '../units/enrolment.ts';
import { json, jsonBody, problems } from './describe.ts';

/** The hub's own doors. */
/** A hub sends four heartbeats a minute, and some at once when it comes back. */
const HEARTBEATS_PER_HUB = { burst: 60, refillMs: 1000 };
/** A hub needs one key for each join; it asks again when its owner may have approved. */
const KEYS_PER_HUB = { burst: 20, refillMs: 15_000 };

export function hubSelfRoutes(services: Services) {
  const { enrolment, heartbeats, clock } = services;
  const limits = {
    heartbeat: new RateLimiter(HEARTBEATS_PER_HUB, clock),
    key: new RateLimiter(KEYS_PER_HUB, clock),
  };
  const { register, issueKey, heartbeat } = describeRoutes(services);
  return new OpenAPIHono<AppEnvironment>()
    .openapi(register, async (c) => {
      return c.json(await enrolment.register(bearerToken(c), c.req.valid('json')), 201);
    })
    .openapi(issueKey, async (c) => {
      const hubId = hubIdOf(c);
      limits.key.spend(hubId);
      return c.json(await enrolment.issueHubKey(hubId), 200);
    })
    .openapi(heartbeat, async (c) => {
      const hubId = hubIdOf(c);
      limits.heartbeat.spend(hubId);
      const orders = await heartbeats.receive(hubId, c.req.valid('json'));
      return c.json({ orders }, 200);
    });
}

function describeRoutes({ identity }: Services) {
  const self = {
    security: [{ bearer: ['hub:self'] }],
    middleware: requireScope(identity, 'hub:self'),
  };
  return {
    register: createRoute({
      method: 'post',
      path: '/v1/hub/register',
      summary: 'Make this machine a hub',
      security: [{ joinToken: [] }],
      // Before the body is looked at: a stranger learns nothing about what we expect.
      middleware: async (c, next) => {
        if (!bearerToken(c).startsWith('htj_')) throw joinTokenError('unknown');
        await next();
      },
      request: jsonBody(HubRegistration),
      responses: { 201: json(HubRegistered, 'Registered'), ...problems },
    }),
    issueKey: createRoute({
      ...self,
      method: 'post',
      path: '/v1/hub/key',
      summary: 'A one-use key for the hub to join its unit',
      responses: { 200: json(HubKey, 'The key'), ...problems },
    }),
    heartbeat: createRoute({
      ...self,
      method: 'post',
      path: '/v1/hub/heartbeat',
      summary: 'Tell the server that the hub lives and which node it is',
      request: jsonBody(Heartbeat),
      responses: { 200: json(HeartbeatAnswer, 'Orders'), ...problems },
    }),
  };
}
