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
import { joinTokenError } from '../units/enrolment.ts';
import { json, jsonBody, problems } from './describe.ts';

/** The hub's own doors. */
export function hubSelfRoutes(services: Services) {
  const { enrolment, heartbeats } = services;
  const { register, issueKey, heartbeat } = describeRoutes(services);
  return new OpenAPIHono<AppEnvironment>()
    .openapi(register, async (c) => {
      return c.json(await enrolment.register(bearerToken(c), c.req.valid('json')), 201);
    })
    .openapi(issueKey, async (c) => c.json(await enrolment.issueHubKey(hubIdOf(c)), 200))
    .openapi(heartbeat, async (c) => {
      const orders = await heartbeats.receive(hubIdOf(c), c.req.valid('json'));
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
