import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { AdminBrowserList, AdminHubList, AdminKeyList } from '../../protocol/admin.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import type { Services } from '../services.ts';
import { allowAdmins, IdParams, ListQuery, toPage } from './admin.ts';
import { json, problems } from './describe.ts';

/** Hubs, live browsers and keys of all accounts, for admins. */
export function adminNetRoutes(services: Services) {
  const { net } = services.admin;
  const { hubs, removeHub, browsers, cutBrowser, keys } = describeRoutes(services);
  return new OpenAPIHono<AppEnvironment>()
    .openapi(hubs, async (c) => c.json(await net.hubs(toPage(c.req.valid('query'))), 200))
    .openapi(removeHub, async (c) => {
      await net.removeHub(c.req.valid('param').id, c.get('admin'));
      return c.body(null, 204);
    })
    .openapi(browsers, async (c) => c.json(await net.browsers(), 200))
    .openapi(cutBrowser, async (c) => {
      await net.cutBrowser(c.req.valid('param').nodeId, c.get('admin'));
      return c.body(null, 204);
    })
    .openapi(keys, async (c) => c.json(await net.keys(toPage(c.req.valid('query'))), 200));
}

function describeRoutes(services: Services) {
  const { read, write } = allowAdmins(services);
  return {
    hubs: createRoute({
      ...read,
      method: 'get',
      path: '/v1/admin/hubs',
      summary: 'All hubs, a page at a time',
      request: { query: ListQuery },
      responses: { 200: json(AdminHubList, 'The hubs'), ...problems },
    }),
    removeHub: createRoute({
      ...write,
      method: 'delete',
      path: '/v1/admin/hubs/{id}',
      summary: 'Remove a hub and cut its nodes off',
      request: { params: IdParams },
      responses: { 204: { description: 'Removed' }, ...problems },
    }),
    browsers: createRoute({
      ...read,
      method: 'get',
      path: '/v1/admin/browsers',
      summary: 'The browsers that are on the nets of hubs',
      responses: { 200: json(AdminBrowserList, 'The browsers'), ...problems },
    }),
    cutBrowser: createRoute({
      ...write,
      method: 'delete',
      path: '/v1/admin/browsers/{nodeId}',
      summary: 'Cut a browser off from every hub, and end its sign-in',
      request: { params: z.object({ nodeId: z.string() }) },
      responses: { 204: { description: 'Cut off' }, ...problems },
    }),
    keys: createRoute({
      ...read,
      method: 'get',
      path: '/v1/admin/keys',
      summary: 'Keys that were issued, the newest first; never the keys themselves',
      request: { query: ListQuery },
      responses: { 200: json(AdminKeyList, 'The keys'), ...problems },
    }),
  };
}
