import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Bytes of the key. */
export const SEAL_KEY_BYTES = 32;
/** First byte of what is sealed, for the day on which another cipher or key comes. */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts what must rest in the database for a moment (AES-256-GCM). Its key lives beside the database, not in it. */
export class Seal {
  readonly #key: Buffer;

  /** @throws RangeError unless the key has 32 bytes */
  constructor(key: Buffer) {
    if (key.length !== SEAL_KEY_BYTES) {
      throw new RangeError(`expected a key of ${SEAL_KEY_BYTES} bytes, got ${key.length}`);
    }
    this.#key = key;
  }

  /** @param context what it belongs to: it can be opened with the same only */
  close(text: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    const parts = [Buffer.of(VERSION), nonce, cipher.getAuthTag(), sealed];
    return Buffer.concat(parts).toString('base64url');
  }

  /** @returns undefined if it was sealed with another key or context, or was changed */
  open(sealed: string, context: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    const headBytes = 1 + NONCE_BYTES + TAG_BYTES;
    if (bytes.length < headBytes || bytes[0] !== VERSION) return undefined;
    const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce)
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(1 + NONCE_BYTES, headBytes));
    try {
      const text = [decipher.update(bytes.subarray(headBytes)), decipher.final()];
      return Buffer.concat(text).toString('utf8');
    } catch {
      return undefined; // the tag does not fit
    }
  }
}
