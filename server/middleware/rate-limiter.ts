import { ApiError } from '../problem.ts';

export interface RateLimit {
  /** Attempts that may come at once. */
  burst: number;
  /** One more attempt is earned in this time, in ms. */
  refillMs: number;
}

/** Keys remembered at once; at this bound the longest unused ones are forgotten, which only forgives them. */
const MAX_KEYS = 10_000;

/** Token buckets in memory: one per key, such as a client's address. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #clock: () => number;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(limit: RateLimit, clock: () => number) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Spends one attempt. @throws ApiError rate-limited with Retry-After when none is left */
  spend(key: string): void {
    const { burst, refillMs } = this.#limit;
    const nowMs = this.#clock();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs };
    const tokens = Math.min(burst, bucket.tokens + (nowMs - bucket.atMs) / refillMs);
    if (tokens < 1) {
      const waitS = Math.ceil(((1 - tokens) * refillMs) / 1000);
      throw new ApiError('rate-limited', `Too many attempts. Try again in ${waitS} s.`, {
        headers: { 'Retry-After': String(waitS) },
      });
    }
    this.#store(key, tokens - 1, nowMs);
  }

  /** Gives an attempt back, because it was a good one. */
  refund(key: string): void {
    const bucket = this.#buckets.get(key);
    if (bucket) bucket.tokens = Math.min(this.#limit.burst, bucket.tokens + 1);
  }

  #store(key: string, tokens: number, atMs: number): void {
    this.#buckets.delete(key); // Re-inserting keeps the map in the order of last use.
    this.#buckets.set(key, { tokens, atMs });
    const oldest = this.#buckets.size > MAX_KEYS ? this.#buckets.keys().next().value : undefined;
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
