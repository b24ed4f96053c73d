import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { BrowserNodeList } from '../../protocol/hubs.ts';
import type { Services } from '../services.ts';
import { accountOf, requireScope } from '../middleware/bearer.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { json, problems } from './describe.ts';

export function browserRoutes({ identity, hubs }: Services) {
  const listBrowsers = createRoute({
    method: 'get',
    path: '/v1/hubs/{id}/browsers',
    summary: 'The browsers in the unit of the hub',
    security: [{ bearer: ['hubs:read'] }],
    middleware: requireScope(identity, 'hubs:read'),
    request: { params: z.object({ id: z.string() }) },
    responses: { 200: json(BrowserNodeList, 'The browsers'), ...problems },
  });
  const deleteBrowser = createRoute({
    method: 'delete',
    path: '/v1/hubs/{id}/browsers/{nodeId}',
    summary: 'Cut a browser off',
    security: [{ bearer: ['hubs:write'] }],
    middleware: requireScope(identity, 'hubs:write'),
    request: { params: z.object({ id: z.string(), nodeId: z.string() }) },
    responses: { 204: { description: 'Cut off' }, ...problems },
  });
  return new OpenAPIHono<AppEnvironment>()
    .openapi(listBrowsers, async (c) => {
      const browsers = await hubs.browsers(c.req.valid('param').id, accountOf(c).id);
      return c.json({ browsers }, 200);
    })
    .openapi(deleteBrowser, async (c) => {
      const { id, nodeId } = c.req.valid('param');
      await hubs.deleteBrowser(id, accountOf(c), nodeId);
      return c.body(null, 204);
    });
}
