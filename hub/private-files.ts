import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';

/**
 * Makes a directory that only this user can enter. One that is already there is accepted only if it is ours:
 * in /tmp somebody else may have made it first.
 *
 * @throws HubtabError if it is a link or belongs to somebody else.
 */
export function ensurePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const stat = lstatSync(path);
  if (!stat.isDirectory() || (process.getuid && stat.uid !== process.getuid())) {
    throw new HubtabError(
      EXIT.failed,
      `${path} is not a directory of this user. Remove it or ask its owner to.`,
    );
  }
  if ((stat.mode & 0o077) !== 0) chmodSync(path, 0o700);
}

/** Writes a 0600 file so that a reader, or a crash, sees the old content or the new, never a part. */
export function writePrivateFile(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeNew(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writeNew(path: string, content: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, content);
    // Without it a power cut can leave the new name on an empty file.
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Content of a file, or undefined if there is none. */
export function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // ESRCH: a file of /proc whose process just ended.
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ESRCH')) return undefined;
    throw error;
  }
}

/** Whether this is the system error of that name. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
