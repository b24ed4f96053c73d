/** SHA-256 of 32 bytes in base64 without padding, as OpenSSH and `hubtab hub key` print it. */
const FINGERPRINT = /SHA256:[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/])/g;

/** The whole fingerprints of public keys in a text, such as the lines of `hubtab hub key`. */
export function fingerprintsIn(text: string): string[] {
  return text.match(FINGERPRINT) ?? [];
}
