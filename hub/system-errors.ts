/** What the system says when it will not store or open something, and what to do. */
const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some space, then run this again',
  EDQUOT: 'your disk quota is used up. Free some space, then run this again',
  EROFS: 'the file system is read-only. Make it writable, or set HOME to a directory that is',
  EACCES: 'permission denied. It must belong to this user and be writable',
  EPERM: 'the system does not permit it. It must belong to this user and be writable',
  ENOTDIR: 'a part of the path is a file, not a directory. Move that file away',
  EISDIR: 'it is a directory, not a file. Move it away',
  EMFILE: 'too many files are open. Close some programs, then run this again',
};

/** A sentence for a failure of the machine rather than of this program; undefined for any other error. */
export function systemErrorWords(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    return undefined;
  }
  const words = WORDS[error.code];
  if (words === undefined) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? `${error.path}: ` : '';
  return `${path}${words} (${error.code}).`;
}
