import { createHash, randomBytes, randomInt } from 'node:crypto';

/** Prefixes tell a person, and a secret scanner, what a leaked string is. */
export type SecretKind = 'access' | 'refresh' | 'join' | 'invitation' | 'code' | 'device';
const PREFIXES: Record<SecretKind, string> = {
  access: 'hta_',
  refresh: 'htr_',
  join: 'htj_',
  invitation: 'hti_',
  code: 'htc_',
  device: 'htd_',
};

/** A new 256-bit secret, base64url behind its prefix. */
export function makeSecret(kind: SecretKind): string {
  return PREFIXES[kind] + randomBytes(32).toString('base64url');
}

/**
 * What the database stores of a secret. Looking the hash up is the comparison: it leaks nothing by its time, because
 * who cannot compute SHA-256 backwards cannot steer the hash towards a stored one.
 */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Crockford's base32: no I, L, O or U, so a code survives being read aloud. */
const CODE_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A new pairing code, `XXXX-XXXX`: 8 characters of 5 bits, 40 bits. */
export function makePairingCode(): string {
  const letters = Array.from({ length: 8 }, () => CODE_ALPHABET.charAt(randomInt(32))).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** The one spelling of a typed code: case, spaces and dashes ignored, O read as 0, I and L as 1. */
export function normalizePairingCode(typed: string): string {
  return typed
    .toUpperCase()
    .replaceAll(/[\s\p{Pd}]/gu, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
}

/** Lower-case random letters and digits for names that must not be guessed; 5 bits each. */
export function randomName(length: number): string {
  return Array.from({ length }, () => CODE_ALPHABET.charAt(randomInt(32)))
    .join('')
    .toLowerCase();
}
