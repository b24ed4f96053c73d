import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { TokenSet } from '../../protocol/account.ts';
import { verifyClientAssertion } from '../identity/client-assertion.ts';
import type { Services } from '../services.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { ApiError } from '../problem.ts';
import { formBody, json, problems } from './describe.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** One loose form: which fields are needed depends on the grant, and the errors are OAuth's (RFC 6749 section 5.2). */
const TokenRequest = z.object({
  grant_type: z.string().describe('refresh_token or client_credentials'),
  refresh_token: z.string().optional(),
  client_assertion_type: z.string().optional().describe(JWT_BEARER),
  client_assertion: z.string().optional(),
  client_id: z.string().optional(),
  scope: z.string().optional(),
});
type TokenRequest = z.infer<typeof TokenRequest>;

export function oauthRoutes(services: Services) {
  const token = createRoute({
    method: 'post',
    path: '/oauth2/token',
    summary: 'Refresh tokens (extension) or sign in with a signed assertion (hub)',
    request: formBody(TokenRequest),
    responses: { 200: json(TokenSet, 'Tokens'), ...problems },
  });
  const revoke = createRoute({
    method: 'post',
    path: '/oauth2/revoke',
    summary: 'Sign out: ends a token and all that descend from the same sign-in (RFC 7009)',
    request: formBody(z.object({ token: z.string(), token_type_hint: z.string().optional() })),
    responses: { 200: { description: 'It is not valid (any more)' }, ...problems },
  });
  return new OpenAPIHono<AppEnvironment>()
    .openapi(token, async (c) => c.json(await grant(services, c.req.valid('form')), 200))
    .openapi(revoke, async (c) => {
      await services.identity.revoke(c.req.valid('form').token);
      return c.body(null, 200);
    });
}

function grant(services: Services, request: TokenRequest): Promise<TokenSet> {
  if (request.grant_type === 'refresh_token') return refresh(services, request);
  if (request.grant_type === 'client_credentials') return signInHub(services, request);
  throw oauthError(
    'unsupported_grant_type',
    'grant_type must be refresh_token or client_credentials.',
  );
}

async function refresh({ identity }: Services, request: TokenRequest): Promise<TokenSet> {
  if (!request.refresh_token) throw oauthError('invalid_request', 'refresh_token is missing.');
  const result = await identity.refresh(request.refresh_token);
  if (result.ok) return result.value;
  const why = {
    unknown: 'The refresh token is not valid (any more).',
    expired: 'The sign-in has ended after 30 days.',
    reused: 'The refresh token was used before, so all tokens of this sign-in were ended.',
  }[result.error];
  throw oauthError('invalid_grant', `${why} Sign in again.`);
}

async function signInHub(services: Services, request: TokenRequest): Promise<TokenSet> {
  const { db, publicUrl, clock, identity } = services;
  if (request.client_assertion_type !== JWT_BEARER || !request.client_assertion) {
    throw oauthError(
      'invalid_request',
      `client_assertion_type must be ${JWT_BEARER}, with a client_assertion.`,
    );
  }
  const options = { db, audience: publicUrl, clock };
  const hub = await verifyClientAssertion(request.client_assertion, options);
  if (hub.ok) return identity.issueHubToken(hub.value.id);
  throw oauthError('invalid_client', `Signing in as a hub failed: ${hub.error}.`);
}

/** A problem that is an OAuth error as well: RFC 9457 allows further members. */
function oauthError(
  error: 'invalid_request' | 'invalid_grant' | 'invalid_client' | 'unsupported_grant_type',
  detail: string,
): ApiError {
  const members = { error, error_description: detail };
  if (error === 'invalid_client') return new ApiError('unauthorized', detail, { members });
  if (error === 'invalid_grant') {
    return new ApiError('unauthorized', detail, { status: 400, members });
  }
  return new ApiError('bad-request', detail, { members });
}
