import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Problem, ProblemCode } from '../protocol/problem.ts';

interface ApiErrorOptions {
  /** HTTP status, if another than the code's own. */
  status?: ContentfulStatusCode;
  headers?: Record<string, string>;
  /** Further members of the problem, such as `error` of RFC 6749. */
  members?: Record<string, unknown>;
  cause?: unknown;
}

/** An answer to the client that is not a success. `message` is the sentence for people: what happened, what to do. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly code: ProblemCode;
  readonly status: ContentfulStatusCode;
  readonly headers: Record<string, string>;
  readonly members: Record<string, unknown>;

  constructor(code: ProblemCode, detail: string, options: ApiErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.status = options.status ?? STATUS[code];
    this.headers = options.headers ?? {};
    this.members = options.members ?? {};
  }
}

const STATUS: Record<ProblemCode, ContentfulStatusCode> = {
  'bad-request': 400,
  unauthorized: 401,
  'token-expired': 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'body-too-large': 413,
  'idempotency-key-reused': 422,
  'rate-limited': 429,
  'pairing-code-unknown': 404,
  'pairing-code-used': 410,
  'pairing-code-expired': 410,
  'join-token-unknown': 401,
  'join-token-used': 401,
  'join-token-expired': 401,
  'hub-not-joined': 409,
  'hub-node-live': 409,
  'headscale-unavailable': 503,
  internal: 500,
};

const TITLES: Record<ProblemCode, string> = {
  'bad-request': 'The request is not valid',
  unauthorized: 'Not signed in',
  'token-expired': 'The access token has expired',
  forbidden: 'Not allowed',
  'not-found': 'Not found',
  'method-not-allowed': 'Method not allowed',
  conflict: 'Conflict',
  'body-too-large': 'The request is too large',
  'idempotency-key-reused': 'The Idempotency-Key was used for another request',
  'rate-limited': 'Too many requests',
  'pairing-code-unknown': 'Unknown pairing code',
  'pairing-code-used': 'This pairing code was used',
  'pairing-code-expired': 'This pairing code has expired',
  'join-token-unknown': 'Unknown join token',
  'join-token-used': 'This join token was used',
  'join-token-expired': 'This join token has expired',
  'hub-not-joined': 'The hub has not joined the network',
  'hub-node-live': 'The hub is already on the network',
  'headscale-unavailable': 'Headscale is not available',
  internal: 'Something went wrong on the server',
};

/** The problem+json response of an error. */
export function problemResponse(c: Context, error: ApiError): Response {
  const body: Problem & Record<string, unknown> = {
    ...error.members,
    type: `/problems/${error.code}`,
    title: TITLES[error.code],
    status: error.status,
    detail: error.message,
    code: error.code,
    requestId: c.get('requestId'),
  };
  return c.body(JSON.stringify(body), error.status, {
    ...error.headers,
    'Content-Type': 'application/problem+json',
  });
}
