import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { Hub, HubList, HubPatch, RejoinApproval } from '../../protocol/hubs.ts';
import type { Services } from '../services.ts';
import { accountOf } from '../middleware/bearer.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { allowHubs } from './allow.ts';
import { json, jsonBody, problems } from './describe.ts';

/** Any text: an id that is not a ULID is simply not found, like a foreign one. */
const HubParams = z.object({ id: z.string() });

/** Hubs on one page, unless the client asks for fewer or more. */
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 200;

const ListQuery = z.object({
  cursor: z.string().max(200).optional().describe('nextCursor of the page before'),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
});

export function hubRoutes(services: Services) {
  const { hubs } = services;
  const { listHubs, getHub, patchHub, deleteHub, approveRejoin, dismissNotice } =
    describeRoutes(services);
  return new OpenAPIHono<AppEnvironment>()
    .openapi(listHubs, async (c) => {
      const { cursor, limit } = c.req.valid('query');
      return c.json(await hubs.list(accountOf(c).id, { cursor, limit }), 200);
    })
    .openapi(getHub, async (c) => {
      return c.json(await hubs.get(c.req.valid('param').id, accountOf(c).id), 200);
    })
    .openapi(patchHub, async (c) => {
      const { id } = c.req.valid('param');
      return c.json(await hubs.patch(id, accountOf(c).id, c.req.valid('json')), 200);
    })
    .openapi(deleteHub, async (c) => {
      await hubs.delete(c.req.valid('param').id, accountOf(c).id);
      return c.body(null, 204);
    })
    .openapi(approveRejoin, async (c) => {
      const { id } = c.req.valid('param');
      return c.json(await hubs.approveRejoin(id, accountOf(c).id), 200);
    })
    .openapi(dismissNotice, async (c) => {
      const { id, noticeId } = c.req.valid('param');
      await hubs.dismissNotice(id, accountOf(c).id, noticeId);
      return c.body(null, 204);
    });
}

function describeRoutes(services: Services) {
  const { read, write } = allowHubs(services);
  return {
    listHubs: createRoute({
      ...read,
      method: 'get',
      path: '/v1/hubs',
      summary: 'The hubs that the account owns or accepted, a page at a time',
      request: { query: ListQuery },
      responses: { 200: json(HubList, 'The hubs'), ...problems },
    }),
    getHub: createRoute({
      ...read,
      method: 'get',
      path: '/v1/hubs/{id}',
      summary: 'One hub',
      request: { params: HubParams },
      responses: { 200: json(Hub, 'The hub'), ...problems },
    }),
    patchHub: createRoute({
      ...write,
      method: 'patch',
      path: '/v1/hubs/{id}',
      summary: 'Rename a hub or change the user that terminals run as',
      request: { params: HubParams, ...jsonBody(HubPatch) },
      responses: { 200: json(Hub, 'The changed hub'), ...problems },
    }),
    deleteHub: createRoute({
      ...write,
      method: 'delete',
      path: '/v1/hubs/{id}',
      summary: 'Delete a hub and cut its nodes off',
      request: { params: HubParams },
      responses: { 204: { description: 'Deleted' }, ...problems },
    }),
    approveRejoin: createRoute({
      ...write,
      method: 'post',
      path: '/v1/hubs/{id}/rejoin-approval',
      summary: 'Let the hub join again although it is online: once, within 15 minutes',
      request: { params: HubParams },
      responses: { 200: json(RejoinApproval, 'Approved'), ...problems },
    }),
    dismissNotice: createRoute({
      ...write,
      method: 'delete',
      path: '/v1/hubs/{id}/notices/{noticeId}',
      summary: 'Forget a notice about the hub',
      request: { params: HubParams.extend({ noticeId: z.string() }) },
      responses: { 204: { description: 'Forgotten' }, ...problems },
    }),
  };
}
