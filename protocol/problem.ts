import { z } from 'zod';

/** Why a request failed; the cause picks the remedy. Clients switch on this, people read `detail`. */
export const ProblemCode = z.enum([
  'bad-request',
  'unauthorized',
  'token-expired',
  'forbidden',
  'not-found',
  'method-not-allowed',
  'conflict',
  'body-too-large',
  'idempotency-key-reused',
  'rate-limited',
  'pairing-code-unknown',
  'pairing-code-used',
  'pairing-code-expired',
  'join-token-unknown',
  'join-token-used',
  'join-token-expired',
  'hub-not-joined',
  'hub-node-live',
  'headscale-unavailable',
  'internal',
]);
export type ProblemCode = z.infer<typeof ProblemCode>;

/** Error body of the HTTP API, `application/problem+json` (RFC 9457). `type` is `/problems/<code>`,
 * which leads to what to do about it. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  /** One or two sentences for people: what happened and what to do. */
  detail: z.string(),
  code: ProblemCode,
  /** Matches the `X-Request-Id` header and the server's log line. */
  requestId: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;
