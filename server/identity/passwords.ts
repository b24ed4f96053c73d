import { APIError } from 'better-auth/api';
import { hashPassword as hash, verifyPassword as verify } from 'better-auth/crypto';

/** Ten characters that are not guessed outlast any guessing that the limits allow. */
export const SHORTEST_PASSWORD = 10;
/** Longer ones would only cost time. */
export const LONGEST_PASSWORD = 128;

/** scrypt takes about 90 ms of a core and 16 MiB: 20 at once stopped the event loop for 350 ms. */
const MAX_CONCURRENT = 2;
/** Further ones that may wait, about a third of a second. */
const MAX_WAITING = 6;

/** Too many passwords are being hashed; better-auth passes it through as status 429. */
export class HashingBusy extends APIError {
  constructor() {
    super('TOO_MANY_REQUESTS', { code: 'BUSY', message: 'too many sign-ins' });
  }
}

let running = 0;
const waiting: (() => void)[] = [];

/** @throws HashingBusy */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password));
}

/** @throws HashingBusy */
export function verifyPassword(asked: { hash: string; password: string }): Promise<boolean> {
  return inTurn(() => verify(asked));
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= MAX_CONCURRENT) {
    if (waiting.length >= MAX_WAITING) {
      throw new HashingBusy();
    }
    await new Promise<void>((resolve) => waiting.push(resolve)); // its predecessor hands its place over
  } else {
    running += 1;
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
