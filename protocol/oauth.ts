import { z } from 'zod';

/** The browser extension, a public client: it has no secret, its redirect address and its proofs stand for it. */
export const EXTENSION_CLIENT_ID = 'hubtab-extension';
/** `hubtab hub join` without a token: may ask for `hub:register` by device grant, and for nothing else. */
export const HUB_CLIENT_ID = 'hubtab-hub';

/** Id of the extension in unpacked builds, from the public key in its manifest (wxt.config.ts). */
export const EXTENSION_ID = 'jcnbnccnnmgcenpcggbpfjogdopmhcda';

/** Where Chromium hands the answer of `/oauth2/authorize` to the extension with this id. */
export function extensionRedirectUri(extensionId: string): string {
  return `https://${extensionId}.chromiumapp.org/`;
}

/** Firefox's id of the extension, in unpacked builds and in the store. */
export const FIREFOX_EXTENSION_ID = 'extension@hubtab';
/** Where Firefox hands it over: its host has the SHA-1 of {@link FIREFOX_EXTENSION_ID}. */
export const FIREFOX_REDIRECT_URI =
  'https://77acd29ca9c265a49a587ac556aee4ca1f58b625.extensions.allizom.org/';

export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** `POST /oauth2/device_authorization` (RFC 8628 section 3.2). */
export const DeviceAuthorization = z.object({
  device_code: z.string(),
  /** `XXXX-XXXX`, for typing. */
  user_code: z.string(),
  verification_uri: z.url(),
  verification_uri_complete: z.url(),
  /** Seconds until both codes end. */
  expires_in: z.number().int().positive(),
  /** Seconds to wait between two polls. */
  interval: z.number().int().positive(),
});
export type DeviceAuthorization = z.infer<typeof DeviceAuthorization>;

/** The `error` member that the problems of `/oauth2/*` carry (RFC 6749 section 5.2, RFC 8628 section 3.5, RFC 9449). */
export const OAuthErrorCode = z.enum([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'unsupported_grant_type',
  'invalid_dpop_proof',
  'authorization_pending',
  'slow_down',
  'access_denied',
  'expired_token',
]);
export type OAuthErrorCode = z.infer<typeof OAuthErrorCode>;
