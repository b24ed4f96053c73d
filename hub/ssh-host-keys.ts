import { createHash, createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from './private-files.ts';
import type { KeyObject } from 'node:crypto';

/** One SSH host key, public half. */
export interface HostKey {
  /** Such as `ssh-ed25519`. */
  readonly type: string;
  /** Form of authorized_keys without a comment: `<type> <base64>`. */
  readonly line: string;
  /** `SHA256:…`, as OpenSSH shows it. */
  readonly fingerprint: string;
}

/**
 * Host keys of the SSH server in our own tailscaled, Ed25519 first. tailscaled 1.102 stores only private keys
 * (`<statedir>/ssh/ssh_host_*_key`, PKCS #8) and `tailscale status` does not tell its own keys, so the public halves
 * are computed here. Empty until the first `tailscale up --ssh`.
 */
export function readHostKeys(stateDir: string): HostKey[] {
  const directory = join(stateDir, 'ssh');
  return listKeyFiles(directory)
    .map((file) => createPublicKey(readFileSync(join(directory, file), 'utf8')))
    .map(encodeHostKey)
    .filter((key) => key !== undefined)
    .sort((a, b) => rank(a) - rank(b));
}

function listKeyFiles(directory: string): string[] {
  try {
    return readdirSync(directory).filter((file) => /^ssh_host_\w+_key$/.test(file));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

function rank(key: HostKey): number {
  return ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa'].indexOf(key.type);
}

/** SSH wire form (RFC 4253, 5656, 8709) of a public key; undefined for a kind that SSH servers here do not use. */
function encodeHostKey(key: KeyObject): HostKey | undefined {
  const jwk = key.export({ format: 'jwk' });
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') {
    return hostKey('ssh-ed25519', [bytes(jwk.x)]);
  }
  if (jwk.kty === 'EC' && jwk.crv === 'P-256') {
    const point = Buffer.concat([Buffer.from([4]), bytes(jwk.x), bytes(jwk.y)]);
    return hostKey('ecdsa-sha2-nistp256', [Buffer.from('nistp256'), point]);
  }
  if (jwk.kty === 'RSA') {
    return hostKey('ssh-rsa', [multiplePrecision(bytes(jwk.e)), multiplePrecision(bytes(jwk.n))]);
  }
  return undefined;
}

/** The key of a line of authorized_keys; undefined if it is none. */
export function hostKeyOfLine(line: string): HostKey | undefined {
  const [type, base64] = line.trim().split(/\s+/);
  return type === undefined || base64 === undefined
    ? undefined
    : keyOfBlob(type, Buffer.from(base64, 'base64'));
}

function hostKey(type: string, parts: Buffer[]): HostKey {
  return keyOfBlob(type, Buffer.concat([Buffer.from(type), ...parts].map(withLength)));
}

function keyOfBlob(type: string, blob: Buffer): HostKey {
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return { type, line: `${type} ${blob.toString('base64')}`, fingerprint: `SHA256:${digest}` };
}

function bytes(base64url: string | undefined): Buffer {
  return Buffer.from(base64url ?? '', 'base64url');
}

/** An mpint is signed: a first byte of 0x80 or more needs a zero before it. */
function multiplePrecision(value: Buffer): Buffer {
  return (value[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), value]) : value;
}

function withLength(part: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return Buffer.concat([length, part]);
}
