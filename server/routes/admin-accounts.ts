import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  AdminAccount,
  AdminAccountList,
  AdminAccountPatch,
  AdminInvitationLink,
  AdminInvitationList,
  AdminInvitationRequest,
} from '../../protocol/admin.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import type { Services } from '../services.ts';
import { allowAdmins, IdParams, ListQuery, toPage } from './admin.ts';
import { json, jsonBody, problems } from './describe.ts';

/** Accounts and invitations, for admins. */
export function adminAccountRoutes(services: Services) {
  const { people } = services.admin;
  const { list, change, invitations, invite, withdraw } = describeRoutes(services);
  return new OpenAPIHono<AppEnvironment>()
    .openapi(list, async (c) => c.json(await people.list(toPage(c.req.valid('query'))), 200))
    .openapi(change, async (c) => {
      const { id } = c.req.valid('param');
      return c.json(await people.change(id, c.get('admin'), c.req.valid('json')), 200);
    })
    .openapi(invitations, async (c) => c.json({ invitations: await people.invitations() }, 200))
    .openapi(invite, async (c) => {
      const { role, email } = c.req.valid('json');
      return c.json(await people.invite(c.get('admin'), role, email), 201);
    })
    .openapi(withdraw, async (c) => {
      await people.withdraw(c.req.valid('param').id, c.get('admin'));
      return c.body(null, 204);
    });
}

function describeRoutes(services: Services) {
  const { read, write } = allowAdmins(services);
  return {
    list: createRoute({
      ...read,
      method: 'get',
      path: '/v1/admin/accounts',
      summary: 'All accounts, a page at a time',
      request: { query: ListQuery },
      responses: { 200: json(AdminAccountList, 'The accounts'), ...problems },
    }),
    change: createRoute({
      ...write,
      method: 'patch',
      path: '/v1/admin/accounts/{id}',
      summary: 'Disable or enable an account, or give it another role',
      description:
        'Disabling ends every sign-in of the account and cuts its browsers off within 2 seconds. Its hubs stay.',
      request: { params: IdParams, ...jsonBody(AdminAccountPatch) },
      responses: { 200: json(AdminAccount, 'The changed account'), ...problems },
    }),
    invitations: createRoute({
      ...read,
      method: 'get',
      path: '/v1/admin/invitations',
      summary: 'Invitations that can still be used',
      responses: { 200: json(AdminInvitationList, 'The invitations'), ...problems },
    }),
    invite: createRoute({
      ...write,
      method: 'post',
      path: '/v1/admin/invitations',
      summary: 'A link by which one person makes an account',
      request: jsonBody(AdminInvitationRequest),
      responses: { 201: json(AdminInvitationLink, 'The link, shown once'), ...problems },
    }),
    withdraw: createRoute({
      ...write,
      method: 'delete',
      path: '/v1/admin/invitations/{id}',
      summary: 'Take an invitation back',
      request: { params: IdParams },
      responses: { 204: { description: 'Taken back' }, ...problems },
    }),
  };
}
