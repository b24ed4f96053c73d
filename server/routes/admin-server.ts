import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import {
  AdminAuditList,
  AdminAuditVerdict,
  AdminBackup,
  AdminHealth,
} from '../../protocol/admin.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import type { Services } from '../services.ts';
import { requireAdmin } from '../middleware/admin.ts';
import { allowAdmins, ListQuery, toPage } from './admin.ts';
import { json, problems } from './describe.ts';

/** The audit log, health and backups, for admins. */
export function adminServerRoutes(services: Services) {
  const { journal, health, backups } = services.admin;
  const routes = describeRoutes(services);
  const app = new OpenAPIHono<AppEnvironment>();
  // A stream, for which openapi() has no type.
  app.openAPIRegistry.registerPath(routes.exportAudit);
  app.get(routes.exportAudit.path, requireAdmin(services), async (c) =>
    c.body(await journal.export(c.get('admin')), 200, {
      'Content-Type': 'application/x-ndjson',
      'Content-Disposition': 'attachment; filename="hubtab-audit.ndjson"',
    }),
  );
  return app
    .openapi(routes.audit, async (c) => {
      const query = c.req.valid('query');
      return c.json(await journal.list(toPage(query), query.account), 200);
    })
    .openapi(routes.verifyAudit, async (c) => c.json(await journal.verify(), 200))
    .openapi(routes.health, async (c) => c.json(await health.now(), 200))
    .openapi(routes.backUp, async (c) => c.json(await backups.make(c.get('admin').id), 201));
}

function describeRoutes(services: Services) {
  const { read, write } = allowAdmins(services);
  return {
    audit: createRoute({
      ...read,
      method: 'get',
      path: '/v1/admin/audit',
      summary: 'The audit log, the newest entries first, a page at a time',
      request: {
        query: ListQuery.extend({
          account: z
            .email()
            .max(254)
            .optional()
            .describe('Address of an account: what was done by it or to it'),
        }),
      },
      responses: { 200: json(AdminAuditList, 'The entries'), ...problems },
    }),
    exportAudit: createRoute({
      ...read,
      method: 'get',
      path: '/v1/admin/audit/export',
      summary: 'The whole audit log, one entry a line, with its hashes',
      responses: {
        200: {
          content: { 'application/x-ndjson': { schema: z.string() } },
          description: 'The entries, oldest first',
        },
        ...problems,
      },
    }),
    verifyAudit: createRoute({
      ...read,
      method: 'get',
      path: '/v1/admin/audit/verification',
      summary: 'Whether the audit log is what was written',
      responses: { 200: json(AdminAuditVerdict, 'The verdict'), ...problems },
    }),
    health: createRoute({
      ...read,
      method: 'get',
      path: '/v1/admin/health',
      summary: 'Whether the server can do its work, with reasons',
      responses: { 200: json(AdminHealth, 'What was found'), ...problems },
    }),
    backUp: createRoute({
      ...write,
      method: 'post',
      path: '/v1/admin/backups',
      summary: 'Make a backup now, in the data directory of the server',
      responses: { 201: json(AdminBackup, 'Where it is'), ...problems },
    }),
  };
}
