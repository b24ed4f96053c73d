/**
 * Why a call to Headscale failed.
 * - `unavailable`: no answer, in time or at all; trying again later may help
 * - `unauthorized`: our API key is not valid (any more)
 * - `not-found`, `conflict`: about the user, node or key that was named
 * - `unexpected`: Headscale refused or answered what we cannot read
 */
export type HeadscaleErrorKind =
  | 'unavailable'
  | 'unauthorized'
  | 'not-found'
  | 'conflict'
  | 'unexpected';

/** A failed call to Headscale. The message says what was tried and what happened; it never holds a key. */
export class HeadscaleError extends Error {
  override name = 'HeadscaleError';
  readonly kind: HeadscaleErrorKind;

  constructor(kind: HeadscaleErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

export function isHeadscaleError(
  error: unknown,
  kind?: HeadscaleErrorKind,
): error is HeadscaleError {
  return error instanceof HeadscaleError && (kind === undefined || error.kind === kind);
}

/** Reads the cause out of an error answer of Headscale 0.29 (gRPC gateway) or 0.30 (problem+json, real statuses). */
export function classifyFailure(status: number, message: string): HeadscaleErrorKind {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404 || /not found|no longer exists/i.test(message)) return 'not-found';
  if (status === 409 || /UNIQUE constraint|user not empty/i.test(message)) return 'conflict';
  if (status === 502 || status === 503 || status === 504) return 'unavailable';
  return 'unexpected';
}
