import { createHash } from 'node:crypto';
import { z } from 'zod';
import { errorText, type Log } from '../log.ts';

/** What the configuration says of the organisation's OIDC provider. */
export interface OidcConfig {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** What the button says: "Continue with …". */
  name: string;
  /** Whoever the provider knows may have an account; else an invitation is needed. */
  signUp: boolean;
}

/** Longest wait for the provider's discovery document, in ms. */
const TIMEOUT_MS = 5000;

/** The one OIDC provider, from the configuration alone: no person and no request ever names one. */
export class OidcProvider {
  readonly config: OidcConfig;
  /** Of this issuer only: the same subject at another issuer is another person. */
  readonly id: string;
  readonly #log: Log;

  constructor(config: OidcConfig, log: Log) {
    this.config = config;
    this.#log = log;
    const digest = createHash('sha256').update(config.issuer).digest('hex');
    this.id = `oidc-${digest.slice(0, 16)}`;
  }

  get discoveryUrl(): string {
    return `${this.config.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  }

  /** Whether its discovery document can be read, and is its own. */
  async answers(): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(this.discoveryUrl, { redirect: 'error', signal });
      const { issuer } = z.object({ issuer: z.url() }).parse(await response.json());
      if (issuer === this.config.issuer) return true;
      throw new Error(`it calls itself ${issuer}`);
    } catch (error) {
      this.#log('warn', 'oidc-unreachable', { error: errorText(error) });
      return false;
    }
  }
}
