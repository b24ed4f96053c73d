/** Makes proofs of possession (RFC 9449) for a server. */
export interface Prover {
  /** For one request; with the access token, if the request carries one. */
  prove(method: string, path: string, accessToken?: string): Promise<string>;
  readonly clock: ServerClock;
}

/** Servers take proofs that are a minute off. Half of it leaves room for the way there, in ms. */
const NOTICED_MS = 30_000;

/** The server's time, as well as it is known: a machine whose clock is wrong makes proofs that are right all the same. */
export class ServerClock {
  readonly #localMs: () => number;
  #aheadMs = 0;

  constructor(localMs: () => number) {
    this.#localMs = localMs;
  }

  nowMs(): number {
    return this.#localMs() + this.#aheadMs;
  }

  /**
   * Learns from the `Date` of an answer.
   * @returns whether what was thought until now was so wrong that a proof was refused for it
   */
  learn(date: string | null): boolean {
    const serverMs = Date.parse(date ?? '');
    if (Number.isNaN(serverMs) || Math.abs(serverMs - this.nowMs()) < NOTICED_MS) return false;
    this.#aheadMs = serverMs - this.#localMs();
    return true;
  }
}

/** A key for proofs: the browser keeps its private half, and nobody can take it out. */
export async function makeProofKey(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
}

/**
 * @param issuer what the server calls itself, which proofs must name
 */
export function prover(key: CryptoKeyPair, issuer: string, clock: ServerClock): Prover {
  const prove = async (method: string, path: string, accessToken?: string) => {
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key.publicKey);
    const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } };
    const claims = {
      htm: method,
      htu: issuer + path.replace(/\?.*$/, ''),
      iat: Math.floor(clock.nowMs() / 1000),
      jti: crypto.randomUUID(),
      ...(accessToken === undefined ? {} : { ath: await sha256(accessToken) }),
    };
    const content = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`;
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    const bytes = new TextEncoder().encode(content);
    const signature = await crypto.subtle.sign(algorithm, key.privateKey, bytes);
    return `${content}.${base64url(new Uint8Array(signature))}`;
  };
  return { prove, clock };
}

/** SHA-256 of a text, base64url: challenges of RFC 7636 and `ath` of RFC 9449. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return base64url(new Uint8Array(digest));
}

/** 256 random bits, base64url. */
export function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function encode(text: string): string {
  return base64url(new TextEncoder().encode(text));
}

function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
