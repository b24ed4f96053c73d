/** Makes a proof of possession (RFC 9449) for one request; with the access token, if the request carries one. */
export type Prove = (method: string, path: string, accessToken?: string) => Promise<string>;

/** A key for proofs: the browser keeps its private half, and nobody can take it out. */
export async function makeProofKey(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
}

/**
 * @param issuer what the server calls itself, which proofs must name
 * @param nowMs the server's time, as well as it is known
 */
export function prover(key: CryptoKeyPair, issuer: string, nowMs: () => number): Prove {
  return async (method, path, accessToken) => {
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key.publicKey);
    const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } };
    const claims = {
      htm: method,
      htu: issuer + path.replace(/\?.*$/, ''),
      iat: Math.floor(nowMs() / 1000),
      jti: crypto.randomUUID(),
      ...(accessToken === undefined ? {} : { ath: await sha256(accessToken) }),
    };
    const content = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`;
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    const bytes = new TextEncoder().encode(content);
    const signature = await crypto.subtle.sign(algorithm, key.privateKey, bytes);
    return `${content}.${base64url(new Uint8Array(signature))}`;
  };
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
