import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { TokenSet } from '../../protocol/account.ts';
import {
  DEVICE_CODE_GRANT,
  DeviceAuthorization,
  EXTENSION_CLIENT_ID,
  type OAuthErrorCode,
} from '../../protocol/oauth.ts';
import { browserLabel } from '../identity/browser-label.ts';
import { verifyClientAssertion } from '../identity/client-assertion.ts';
import { deviceScope, type DeviceFailure } from '../identity/device-grants.ts';
import type { Services } from '../services.ts';
import { readProof } from '../middleware/bearer.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { ApiError } from '../problem.ts';
import { formBody, json, problems } from './describe.ts';
import { oauthMetadataRoutes } from './oauth-metadata.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** One loose form: which fields are needed depends on the grant, and the errors are OAuth's (RFC 6749 section 5.2). */
const TokenRequest = z.object({
  grant_type: z
    .string()
    .describe(`authorization_code, refresh_token, client_credentials or ${DEVICE_CODE_GRANT}`),
  code: z.string().max(512).optional(),
  redirect_uri: z.string().max(512).optional(),
  code_verifier: z.string().max(128).optional(),
  refresh_token: z.string().optional(),
  device_code: z.string().max(512).optional(),
  client_assertion_type: z.string().optional().describe(JWT_BEARER),
  client_assertion: z.string().optional(),
  client_id: z.string().optional(),
  scope: z.string().optional(),
});
type TokenRequest = z.infer<typeof TokenRequest>;

const DeviceRequest = z.object({
  client_id: z.string(),
  scope: z.string().max(200).optional(),
  /** What the asking machine calls itself; shown to the person, who must not believe it. */
  hostname: z.string().max(255).optional(),
});

export function oauthRoutes(services: Services) {
  const { token, revoke, deviceAuthorization } = describeRoutes();
  return oauthMetadataRoutes(services)
    .openapi(token, async (c) => c.json(await grant(services, c, c.req.valid('form')), 200))
    .openapi(revoke, async (c) => {
      await services.access.revoke(c.req.valid('form').token);
      return c.body(null, 200);
    })
    .openapi(deviceAuthorization, async (c) => {
      const { client_id: client, scope: asked, hostname } = c.req.valid('form');
      const scope = deviceScope(client, asked);
      if (scope === undefined) {
        throw oauthError('invalid_scope', 'This client may not have these scopes by device grant.');
      }
      const started = await services.deviceGrants.start({
        client,
        scope,
        label: printable(hostname) || browserLabel(c.req.header('user-agent')),
        address: services.clientAddress(c),
        keyThumbprint: await readProof(c, services.identity),
      });
      return c.json(started, 200);
    });
}

function describeRoutes() {
  return {
    token: createRoute({
      method: 'post',
      path: '/oauth2/token',
      summary: 'Exchange a code or a refresh token (extension), or sign in as a hub',
      request: formBody(TokenRequest),
      responses: { 200: json(TokenSet, 'Tokens'), ...problems },
    }),
    revoke: createRoute({
      method: 'post',
      path: '/oauth2/revoke',
      summary: 'Sign out: ends a token, all that descend from the same sign-in, and its nodes',
      request: formBody(z.object({ token: z.string(), token_type_hint: z.string().optional() })),
      responses: { 200: { description: 'It is not valid (any more)' }, ...problems },
    }),
    deviceAuthorization: createRoute({
      method: 'post',
      path: '/oauth2/device_authorization',
      summary: 'A code that a person approves on /device (RFC 8628)',
      request: formBody(DeviceRequest),
      responses: { 200: json(DeviceAuthorization, 'The codes'), ...problems },
    }),
  };
}

function grant(
  services: Services,
  c: Context<AppEnvironment>,
  request: TokenRequest,
): Promise<TokenSet> {
  switch (request.grant_type) {
    case 'authorization_code':
      return exchangeCode(services, c, request);
    case 'refresh_token':
      return refresh(services, c, request);
    case 'client_credentials':
      return signInHub(services, request);
    case DEVICE_CODE_GRANT:
      return exchangeDeviceCode(services, c, request);
    default:
      throw oauthError(
        'unsupported_grant_type',
        `grant_type must be authorization_code, refresh_token, client_credentials or ${DEVICE_CODE_GRANT}.`,
      );
  }
}

async function exchangeCode(
  { authorization, identity, cuts }: Services,
  c: Context<AppEnvironment>,
  request: TokenRequest,
): Promise<TokenSet> {
  const { code, redirect_uri: redirectUri, code_verifier: verifier, client_id: client } = request;
  if (!code || !redirectUri || !verifier) {
    throw oauthError('invalid_request', 'code, redirect_uri and code_verifier are needed.');
  }
  if (client !== EXTENSION_CLIENT_ID) throw oauthError('invalid_client', 'client_id is not known.');
  const keyThumbprint = await readProof(c, identity);
  const result = await authorization.exchange({ code, redirectUri, verifier, keyThumbprint });
  if (result.ok) return result.value;
  await cuts.reconcile(); // a replay ended a sign-in
  throw oauthError('invalid_grant', `${result.error} Sign in again.`);
}

async function refresh(
  { identity, cuts }: Services,
  c: Context<AppEnvironment>,
  request: TokenRequest,
): Promise<TokenSet> {
  if (!request.refresh_token) throw oauthError('invalid_request', 'refresh_token is missing.');
  const result = await identity.refresh(request.refresh_token, await readProof(c, identity));
  if (result.ok) return result.value;
  if (result.error === 'wrong-key') {
    throw oauthError('invalid_dpop_proof', 'This refresh token needs a proof with its own key.');
  }
  if (result.error === 'reused') await cuts.reconcile();
  const why = {
    unknown: 'The refresh token is not valid (any more).',
    expired: 'The sign-in has ended: after 30 days, or after 14 days without use.',
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

async function exchangeDeviceCode(
  { deviceGrants, identity }: Services,
  c: Context<AppEnvironment>,
  request: TokenRequest,
): Promise<TokenSet> {
  const { device_code: code, client_id: client } = request;
  if (!code || !client) {
    throw oauthError('invalid_request', 'device_code and client_id are needed.');
  }
  const result = await deviceGrants.exchange(code, client, await readProof(c, identity));
  if (result.ok) return result.value;
  throw oauthError(result.error, DEVICE_FAILURES[result.error]);
}

const DEVICE_FAILURES: Record<DeviceFailure, string> = {
  authorization_pending: 'Nobody has approved the code yet. Ask again in 5 s.',
  slow_down: 'Too fast. Ask every 5 s.',
  access_denied: 'The code was denied.',
  expired_token: 'The code has expired; they live 10 minutes. Start again.',
  invalid_grant: 'The device code is not valid (any more). Start again.',
};

/** Text of a stranger on one line. */
function printable(text: string | undefined): string {
  return (text ?? '')
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 64);
}

/** A problem that is an OAuth error as well: RFC 9457 allows further members. */
function oauthError(error: OAuthErrorCode, detail: string): ApiError {
  const members = { error, error_description: detail };
  if (error === 'invalid_client') return new ApiError('unauthorized', detail, { members });
  if (error === 'invalid_grant' || error === 'invalid_dpop_proof') {
    return new ApiError('unauthorized', detail, { status: 400, members });
  }
  return new ApiError('bad-request', detail, { members });
}
