import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { networkOf } from '../middleware/client-address.ts';
import { RateLimiter } from '../middleware/rate-limiter.ts';

/** Tries from one network. */
const PER_NETWORK = { burst: 10, refillMs: 6000 };
/** Tries for one account from browsers that never signed in to it: all attackers of an account share these. */
const PER_ACCOUNT = { burst: 10, refillMs: 30_000 };
/** Tries for one account from a browser that did. */
const PER_KNOWN_BROWSER = { burst: 10, refillMs: 6000 };

/** Remembers that a browser signed in to an account before. */
export const KNOWN_COOKIE = 'hubtab_known';
const KNOWN_S = 365 * 24 * 3600;

/**
 * Counts tries of passwords and codes. An attacker who uses an account's tries up keeps out only strangers: the owner's own
 * browsers have tries of their own, by a cookie that says nothing but that they signed in before (OWASP's "device cookie").
 */
export class SignInLimits {
  readonly #networks: RateLimiter;
  readonly #accounts: RateLimiter;
  readonly #known: RateLimiter;
  readonly #secret: string;

  constructor(options: { secret: string; clock: () => number }) {
    this.#networks = new RateLimiter(PER_NETWORK, options.clock);
    this.#accounts = new RateLimiter(PER_ACCOUNT, options.clock);
    this.#known = new RateLimiter(PER_KNOWN_BROWSER, options.clock);
    this.#secret = options.secret;
  }

  /**
   * Spends one try.
   * @param knownCookie what the browser holds under KNOWN_COOKIE
   * @returns gives it back, because it was a good one
   * @throws ApiError rate-limited
   */
  spend(address: string, email: string, knownCookie: string | undefined): () => void {
    const network = networkOf(address);
    const knownId = this.#knownId(knownCookie, email);
    const [limiter, key] =
      knownId === undefined
        ? [this.#accounts, email.toLowerCase()]
        : [this.#known, `${knownId} ${email.toLowerCase()}`];
    this.#networks.spend(network);
    limiter.spend(key);
    return () => {
      this.#networks.refund(network);
      limiter.refund(key);
    };
  }

  /** Spends one try of a network, for what names no account. @throws ApiError rate-limited */
  spendNetwork(address: string): () => void {
    const network = networkOf(address);
    this.#networks.spend(network);
    return () => this.#networks.refund(network);
  }

  /** The Set-Cookie line for a browser that just signed in. */
  knownCookie(email: string, isSecure: boolean): string {
    const id = randomBytes(16).toString('base64url');
    const value = `${id}.${this.#sign(id, email)}`;
    const secure = isSecure ? '; Secure' : '';
    return `${KNOWN_COOKIE}=${value}; Path=/sign-in; Max-Age=${KNOWN_S}; HttpOnly; SameSite=Lax${secure}`;
  }

  #knownId(cookie: string | undefined, email: string): string | undefined {
    const [id, signature] = cookie?.split('.') ?? [];
    if (id === undefined || signature === undefined) return undefined;
    const expected = Buffer.from(this.#sign(id, email));
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected) ? id : undefined;
  }

  #sign(id: string, email: string): string {
    return createHmac('sha256', this.#secret)
      .update(`known-browser ${id} ${email.toLowerCase()}`)
      .digest('base64url');
  }
}
