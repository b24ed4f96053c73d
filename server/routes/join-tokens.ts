import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { JoinToken } from '../../protocol/hubs.ts';
import type { Services } from '../services.ts';
import { accountOf, requireScope } from '../middleware/bearer.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { json, problems } from './describe.ts';

export function joinTokenRoutes({ identity, enrolment, publicUrl }: Services) {
  const createJoinToken = createRoute({
    method: 'post',
    path: '/v1/hubs/join-tokens',
    summary: 'A one-use token that makes a machine a hub',
    security: [{ bearer: ['hubs:write'] }],
    middleware: requireScope(identity, 'hubs:write'),
    responses: { 201: json(JoinToken, 'The token and the command to run'), ...problems },
  });
  return new OpenAPIHono<AppEnvironment>().openapi(createJoinToken, async (c) => {
    const { token, expiresAtMs } = await enrolment.createJoinToken(accountOf(c));
    const joinToken: JoinToken = {
      token,
      expiresAt: new Date(expiresAtMs).toISOString(),
      command: `curl -fsSL ${publicUrl}/install.sh | sh -s -- ${token}`,
    };
    return c.json(joinToken, 201);
  });
}
