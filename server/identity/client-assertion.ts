import { decodeJwt, importJWK, jwtVerify } from 'jose';
import type { Database } from '../database/database.ts';
import { findHub, type HubRow } from '../database/hubs.ts';
import { rememberAssertion } from '../database/tokens.ts';
import { failure, ok, type Result } from '../result.ts';
import { hashSecret } from '../secrets.ts';

/** Longest life of an assertion, in s: it is signed for one request. */
const LONGEST_LIFE_S = 60;
/** How far a hub's clock may be off, in s. */
const CLOCK_LEEWAY_S = 60;

export interface AssertionOptions {
  db: Database;
  /** `aud`: the server's public URL. */
  audience: string;
  clock: () => number;
}

/**
 * Verifies a hub's client assertion (RFC 7523): an EdDSA JWT with iss = sub = hub id, aud = our public URL, exp at most
 * 60 s ahead, and a jti that was never seen.
 * @returns the hub in any state, or a sentence that says what is wrong
 */
export async function verifyClientAssertion(
  assertion: string,
  options: AssertionOptions,
): Promise<Result<HubRow, string>> {
  const hub = await findHub(options.db, issuerOf(assertion) ?? '');
  // One answer for an unknown hub and a wrong signature: ids of hubs are nobody's business.
  if (!hub) return failure(NOT_VALID);
  const nowS = Math.floor(options.clock() / 1000);
  const claims = await verifySignature(assertion, hub, options);
  if (typeof claims?.jti !== 'string' || claims.exp === undefined) return failure(NOT_VALID);
  if (claims.jti.length > 255) return failure('jti is longer than 255 characters');
  if (claims.exp > nowS + LONGEST_LIFE_S + CLOCK_LEEWAY_S) {
    return failure(`exp is more than ${LONGEST_LIFE_S} s ahead; check the clock of the hub`);
  }
  const forgetAtMs = (claims.exp + CLOCK_LEEWAY_S + 1) * 1000;
  const isNew = await rememberAssertion(
    options.db,
    hashSecret(`${hub.id} ${claims.jti}`),
    forgetAtMs,
  );
  return isNew ? ok(hub) : failure('this jti was used before');
}

const NOT_VALID =
  'the client assertion is not valid: expected an EdDSA JWT of a registered hub with iss = sub = hub id, ' +
  'aud = public URL of this server, exp and jti; check the clock of the hub too';

function issuerOf(assertion: string): string | undefined {
  try {
    return decodeJwt(assertion).iss;
  } catch {
    return undefined;
  }
}

async function verifySignature(assertion: string, hub: HubRow, options: AssertionOptions) {
  try {
    const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: hub.public_key }, 'EdDSA');
    const { payload } = await jwtVerify(assertion, key, {
      algorithms: ['EdDSA'],
      issuer: hub.id,
      subject: hub.id,
      audience: [options.audience, `${options.audience}/`],
      clockTolerance: CLOCK_LEEWAY_S,
      currentDate: new Date(options.clock()),
      requiredClaims: ['exp', 'jti'],
    });
    return payload;
  } catch {
    return undefined; // Which check failed would help only who forges.
  }
}
