import { ApiError } from './problem.ts';

/** First characters of what is inside, for the day on which cursors hold something else. */
const VERSION = 'v1:';

/** An opaque cursor: the place in a list, by the id before it, so that it stays good whatever comes or goes. */
export function makeCursor(lastId: string): string {
  return Buffer.from(VERSION + lastId).toString('base64url');
}

/** @returns the id that it was made of @throws ApiError bad-request */
export function readCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const id = text.slice(VERSION.length);
  const isOurs = text.startsWith(VERSION) && makeCursor(id) === cursor;
  if (isOurs && /^(?:[0-9A-Z]{26}|\d{1,15})$/.test(id)) return id;
  throw new ApiError('bad-request', 'cursor: not one that this server gave. Start without it.');
}
