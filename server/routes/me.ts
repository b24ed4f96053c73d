import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { Me } from '../../protocol/account.ts';
import type { Services } from '../services.ts';
import { accountOf, requireScope } from '../middleware/bearer.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { BROWSERS_PER_HUB } from '../units/browser-keys.ts';
import { OPEN_JOIN_TOKENS } from '../units/enrolment.ts';
import { SHARES_PER_HUB } from '../units/shares.ts';
import { json, problems } from './describe.ts';

export function meRoutes({ identity }: Services) {
  const getMe = createRoute({
    method: 'get',
    path: '/v1/me',
    summary: 'The account behind the token',
    security: [{ bearer: ['hubs:read'] }],
    middleware: requireScope(identity, 'hubs:read'),
    responses: { 200: json(Me, 'The account'), ...problems },
  });
  return new OpenAPIHono<AppEnvironment>().openapi(getMe, (c) => {
    const account = accountOf(c);
    const me: Me = {
      id: account.id,
      email: account.email,
      roles: account.role === 'admin' ? ['admin', 'member'] : ['member'],
      limits: {
        hubs: account.hubLimit,
        browsersPerHub: BROWSERS_PER_HUB,
        sharesPerHub: SHARES_PER_HUB,
        joinTokens: OPEN_JOIN_TOKENS,
      },
    };
    return c.json(me, 200);
  });
}
