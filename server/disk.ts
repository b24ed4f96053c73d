import { statfsSync } from 'node:fs';

/** Below the first the server may fail any moment, below the second somebody should look; in bytes. */
export const DISK_FAILED = 100 * 1024 * 1024;
export const DISK_LOW = 1024 * 1024 * 1024;

/** Bytes that a user who is not root may still write where a folder is. */
export function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}
