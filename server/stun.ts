import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** RFC 8489: what all messages of STUN hold, and the types of the two that are used here. */
const MAGIC = 0x21_12_a4_42;
const BINDING_REQUEST = 0x0001;
const BINDING_ANSWER = 0x0101;
const SOFTWARE = 0x80_22;
const FINGERPRINT = 0x80_28;
const FINGERPRINT_XOR = 0x53_54_55_4e;

/** A request as Tailscale's clients send it: their servers answer no other (`net/stun`: software `tailnode`, fingerprint). */
export function bindingRequest(): { request: Buffer; id: Buffer } {
  const id = randomBytes(12);
  const software = attribute(SOFTWARE, Buffer.from('tailnode'));
  const fingerprintSize = 8;
  const header = Buffer.alloc(8);
  header.writeUInt16BE(BINDING_REQUEST, 0);
  header.writeUInt16BE(software.length + fingerprintSize, 2);
  header.writeUInt32BE(MAGIC, 4);
  const message = Buffer.concat([header, id, software]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE((crc32(message) ^ FINGERPRINT_XOR) >>> 0);
  return { request: Buffer.concat([message, attribute(FINGERPRINT, sum)]), id };
}

/** Whether a datagram answers the request with this id. */
export function isBindingAnswer(message: Buffer, id: Buffer): boolean {
  if (message.length < 20) return false;
  return message.readUInt16BE(0) === BINDING_ANSWER && message.subarray(8, 20).equals(id);
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value]);
}
