import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { EXTENSION_SCOPES } from '../../protocol/account.ts';
import { DEVICE_CODE_GRANT } from '../../protocol/oauth.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { json, problems } from './describe.ts';

const Metadata = z.object({
  issuer: z.url(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  revocation_endpoint: z.url(),
  device_authorization_endpoint: z.url(),
  response_types_supported: z.array(z.string()),
  grant_types_supported: z.array(z.string()),
  code_challenge_methods_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()),
  token_endpoint_auth_signing_alg_values_supported: z.array(z.string()),
  dpop_signing_alg_values_supported: z.array(z.string()),
  scopes_supported: z.array(z.string()),
  authorization_response_iss_parameter_supported: z.boolean(),
});

/** What the authorization server says of itself (RFC 8414). */
export function oauthMetadataRoutes({ publicUrl }: { publicUrl: string }) {
  const getMetadata = createRoute({
    method: 'get',
    path: '/.well-known/oauth-authorization-server',
    summary: 'Endpoints and abilities of the authorization server',
    responses: { 200: json(Metadata, 'The metadata'), ...problems },
  });
  return new OpenAPIHono<AppEnvironment>().openapi(getMetadata, (c) =>
    c.json(
      {
        issuer: publicUrl,
        authorization_endpoint: `${publicUrl}/oauth2/authorize`,
        token_endpoint: `${publicUrl}/oauth2/token`,
        revocation_endpoint: `${publicUrl}/oauth2/revoke`,
        device_authorization_endpoint: `${publicUrl}/oauth2/device_authorization`,
        response_types_supported: ['code'],
        grant_types_supported: [
          'authorization_code',
          'refresh_token',
          'client_credentials',
          DEVICE_CODE_GRANT,
        ],
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
        token_endpoint_auth_signing_alg_values_supported: ['EdDSA'],
        dpop_signing_alg_values_supported: ['ES256'],
        scopes_supported: [...EXTENSION_SCOPES, 'hub:self', 'hub:register'],
        authorization_response_iss_parameter_supported: true,
      },
      200,
    ),
  );
}
