import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { HubPublicKey } from '../protocol/hub-registration.ts';
import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import { readIfPresent, writePrivateFile } from './private-files.ts';

/** The hub's Ed25519 key as stored: a private JWK (RFC 8037). */
export const HubPrivateKey = HubPublicKey.extend({ d: z.string().min(43).max(43) });
export type HubPrivateKey = z.infer<typeof HubPrivateKey>;

/** Seconds an assertion is valid: long enough for a slow request, short enough to be useless in a log. */
const ASSERTION_LIFETIME_SECONDS = 60;

/**
 * Reads the hub's key, or makes it. A key of an interrupted join is used again.
 *
 * @throws HubtabError if the file is not a key of ours.
 */
export function loadOrCreateHubKey(path: string): HubPrivateKey {
  const existing = loadHubKey(path);
  if (existing) return existing;
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = HubPrivateKey.parse(privateKey.export({ format: 'jwk' }));
  writePrivateFile(path, `${JSON.stringify(key)}\n`);
  return key;
}

/** @throws HubtabError if the file is there and not a key of ours. */
export function loadHubKey(path: string): HubPrivateKey | undefined {
  const content = readIfPresent(path);
  if (content === undefined) return undefined;
  try {
    return HubPrivateKey.parse(JSON.parse(content));
  } catch (error) {
    throw new HubtabError(
      EXIT.failed,
      `${path} is damaged. Run \`hubtab hub leave\`, then join again with a new token.`,
      { cause: error },
    );
  }
}

/** The half that the server gets. */
export function publicHalf(key: HubPrivateKey): HubPublicKey {
  return { kty: key.kty, crv: key.crv, x: key.x };
}

/** A one-use statement of the hub about itself, for the token endpoint (RFC 7523). */
export function signAssertion(
  key: HubPrivateKey,
  hubId: string,
  audience: string,
): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
    .setIssuer(hubId)
    .setSubject(hubId)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(`${ASSERTION_LIFETIME_SECONDS} s`)
    .setJti(randomUUID())
    .sign(createPrivateKey({ key, format: 'jwk' }));
}
