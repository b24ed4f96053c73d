import { z } from 'zod';

/** `GET /v1/server`, without a token: tells a Hubtab server from any other. */
export const ServerInfo = z.object({
  name: z.literal('hubtab'),
  version: z.string(),
  /** What the server calls itself: where its pages are, and what `iss` and proofs name (RFC 9207, RFC 9449). */
  issuer: z.url(),
  /** Base URLs of its Headscales: browsers need their user's permission for these, too. Never empty. */
  controlUrls: z.array(z.url()).min(1),
});
export type ServerInfo = z.infer<typeof ServerInfo>;
