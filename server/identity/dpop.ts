import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, jwtVerify } from 'jose';
import { z } from 'zod';
import { failure, ok, type Result } from '../result.ts';

/** How far a client's clock may be off, in s. */
const CLOCK_LEEWAY_S = 60;
/** Proofs remembered so that none is used twice; at this bound the oldest are forgotten, a little before they end. */
const MAX_REMEMBERED = 50_000;

const Claims = z.object({
  htm: z.string(),
  htu: z.string(),
  iat: z.number(),
  jti: z.string().min(1).max(255),
  ath: z.string().optional(),
});

export interface PresentedProof {
  /** The `DPoP` header. */
  proof: string;
  method: string;
  /** Path of the request, without its query. */
  path: string;
  /** The token that the proof goes with, when it goes with one. */
  accessToken?: string;
}

/** Verifies proofs of possession (RFC 9449): that whoever asks holds the private key that the tokens were made for. */
export class DpopProofs {
  readonly #publicUrl: string;
  readonly #clock: () => number;
  readonly #seen = new Map<string, number>();

  constructor(options: { publicUrl: string; clock: () => number }) {
    this.#publicUrl = options.publicUrl;
    this.#clock = options.clock;
  }

  /** @returns the SHA-256 thumbprint of the key (RFC 7638), or a sentence that says what is wrong */
  async verify(presented: PresentedProof): Promise<Result<string, string>> {
    const nowMs = this.#clock();
    const claims = await this.#claimsOf(presented.proof, nowMs);
    if (!claims) return failure('it is not an ES256 JWT of type dpop+jwt with all claims');
    const { htm, htu, iat, jti, ath, thumbprint } = claims;
    if (htm !== presented.method) return failure(`htm must be ${presented.method}`);
    const url = URL.parse(htu);
    if (!url || `${url.origin}${url.pathname}` !== this.#publicUrl + presented.path) {
      return failure(`htu must be ${this.#publicUrl}${presented.path}`);
    }
    if (Math.abs(iat * 1000 - nowMs) > CLOCK_LEEWAY_S * 1000) {
      return failure('iat is not now; check the clock');
    }
    if (presented.accessToken !== undefined && ath !== hashOf(presented.accessToken)) {
      return failure('ath is not the hash of the access token');
    }
    return this.#isNew(`${thumbprint} ${jti}`, nowMs)
      ? ok(thumbprint)
      : failure('this proof was used before');
  }

  async #claimsOf(proof: string, nowMs: number) {
    try {
      const { payload } = await jwtVerify(proof, EmbeddedJWK, {
        typ: 'dpop+jwt',
        algorithms: ['ES256'],
        currentDate: new Date(nowMs),
        clockTolerance: CLOCK_LEEWAY_S,
      });
      const { jwk } = decodeProtectedHeader(proof);
      return jwk && { ...Claims.parse(payload), thumbprint: await calculateJwkThumbprint(jwk) };
    } catch {
      return undefined; // Which check failed would help only who forges.
    }
  }

  #isNew(key: string, nowMs: number): boolean {
    // A Map keeps the order of insertion, and all entries live equally long.
    for (const [id, forgetAtMs] of this.#seen) {
      if (forgetAtMs > nowMs && this.#seen.size < MAX_REMEMBERED) break;
      this.#seen.delete(id);
    }
    if (this.#seen.has(key)) return false;
    this.#seen.set(key, nowMs + 2 * CLOCK_LEEWAY_S * 1000);
    return true;
  }
}

function hashOf(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest('base64url');
}
