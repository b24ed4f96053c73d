import { createReadStream, createWriteStream, mkdirSync, statSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { Decrypter, Encrypter } from 'age-encryption';
import { extract, pack } from 'tar-stream';

/** scrypt with 2^17 takes about a second and 128 MB; age's own default needs twice that. */
const WORK_FACTOR = 17;
const AGE_HEADER = 'age-encryption.org/v1';

/** The passphrase does not open the backup, or the backup was changed. */
class BackupUnreadableError extends Error {
  override name = 'BackupUnreadableError';
}

/**
 * Writes files as a tar, encrypted in the format of `age` (so `age -d` opens it too) unless there is no passphrase.
 * @param directory where the names lead
 */
export async function writeArchive(
  path: string,
  directory: string,
  names: readonly string[],
  passphrase: string | undefined,
): Promise<void> {
  const tar = pack();
  const packing = packFiles(tar, directory, names);
  const plain = Readable.toWeb(Readable.from(tar)) as WebStream<Uint8Array>;
  const stream = passphrase === undefined ? plain : await encrypt(plain, passphrase);
  const output = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  await Promise.all([packing, pipeline(Readable.fromWeb(stream), output)]);
}

/**
 * Unpacks an archive into a directory.
 * @throws BackupUnreadableError
 */
export async function readArchive(
  path: string,
  directory: string,
  passphrase: string | undefined,
): Promise<void> {
  const file = Readable.toWeb(createReadStream(path)) as WebStream<Uint8Array>;
  try {
    const plain = passphrase === undefined ? file : await decrypt(file, passphrase);
    await unpack(plain, directory);
  } catch (error) {
    throw new BackupUnreadableError(`${path}: the passphrase is wrong, or the backup is damaged`, {
      cause: error,
    });
  }
}

/** Whether a file is encrypted, and needs a passphrase. */
export async function isEncrypted(path: string): Promise<boolean> {
  const start = createReadStream(path, { end: AGE_HEADER.length - 1 });
  const chunks = await start.toArray();
  return Buffer.concat(chunks as Buffer[]).toString() === AGE_HEADER;
}

async function packFiles(
  tar: ReturnType<typeof pack>,
  directory: string,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    const path = join(directory, name);
    const entry = tar.entry({ name, size: statSync(path).size, mode: 0o600 });
    await pipeline(createReadStream(path), entry);
  }
  tar.finalize();
}

async function encrypt(plain: WebStream<Uint8Array>, passphrase: string) {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(WORK_FACTOR);
  return asNodeStream(await encrypter.encrypt(asGlobalStream(plain)));
}

async function decrypt(file: WebStream<Uint8Array>, passphrase: string) {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  return asNodeStream(await decrypter.decrypt(asGlobalStream(file)));
}

async function unpack(plain: WebStream<Uint8Array>, directory: string): Promise<void> {
  const tar = extract();
  // Together: a damaged backup makes both fail, and a failure that nobody awaits would end the process.
  await Promise.all([pipeline(Readable.fromWeb(plain), tar), unpackEntries(tar, directory)]);
}

async function unpackEntries(tar: ReturnType<typeof extract>, directory: string): Promise<void> {
  for await (const entry of tar) {
    const { name, type } = entry.header;
    if (type !== 'file' || !isInside(name)) throw new Error(`unexpected entry ${name}`);
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    await pipeline(entry, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
  }
}

/** A backup that somebody made for us to unpack must not write anywhere else. */
function isInside(name: string): boolean {
  const path = normalize(name);
  return path !== '' && !path.startsWith(sep) && path.split(sep)[0] !== '..';
}

// The DOM's type of a stream and Node's describe the same object.
function asGlobalStream(stream: WebStream<Uint8Array>): ReadableStream<Uint8Array> {
  return stream as unknown as ReadableStream<Uint8Array>;
}
function asNodeStream(stream: ReadableStream<Uint8Array>): WebStream<Uint8Array> {
  return stream as unknown as WebStream<Uint8Array>;
}
