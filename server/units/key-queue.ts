import { ApiError } from '../problem.ts';

/** Keys made at once: Headscale makes about 20 a second, one after the other. */
const MAX_CONCURRENT = 2;
/** Requests that may wait for their turn: 2 s worth of Headscale. More would time out anyway. */
const MAX_WAITING = 40;

/**
 * Longest wait for a turn, in ms. A slow machine makes half the keys, so the number above alone lets some wait too long:
 * clients give up after 10 s, and the call to Headscale may take 5 of them.
 */
const MAX_WAIT_MS = 4000;

interface Waiting {
  enter: () => void;
  refuse: (error: ApiError) => void;
  timer: NodeJS.Timeout;
}

/**
 * The queue before Headscale. Accounts take turns, and when it is full the one with the most in it gives way: whoever
 * sends a thousand requests waits behind everybody else, and cannot keep them out.
 */
export class KeyQueue {
  /** By account, in the order of their turns. An account without requests is not in it. */
  readonly #waiting = new Map<string, Waiting[]>();
  #running = 0;
  #count = 0;

  /** @throws ApiError rate-limited instead of letting a long queue time out; whatever `work` throws */
  async inTurn<T>(accountId: string, work: () => Promise<T>): Promise<T> {
    if (this.#running < MAX_CONCURRENT) this.#running += 1;
    else await this.#wait(accountId); // Whoever finishes hands its place over, so #running stays as it is.
    try {
      return await work();
    } finally {
      const next = this.#takeNext();
      if (next) next.enter();
      else this.#running -= 1;
    }
  }

  #wait(accountId: string): Promise<void> {
    if (this.#count >= MAX_WAITING && !this.#makeRoomFor(accountId)) throw queueFull();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const own = this.#waiting.get(accountId) ?? [];
    const waiting: Waiting = {
      enter: resolve,
      refuse: reject,
      timer: setTimeout(() => this.#giveUp(accountId, waiting), MAX_WAIT_MS),
    };
    own.push(waiting);
    this.#waiting.set(accountId, own);
    this.#count += 1;
    return promise;
  }

  /** Refuses a request whose time is over. */
  #giveUp(accountId: string, waiting: Waiting): void {
    const left = (this.#waiting.get(accountId) ?? []).filter((other) => other !== waiting);
    if (left.length > 0) this.#waiting.set(accountId, left);
    else this.#waiting.delete(accountId);
    this.#count -= 1;
    waiting.refuse(queueFull());
  }

  /** Refuses the newest request of the account with the most. @returns false if that would be the new one itself */
  #makeRoomFor(accountId: string): boolean {
    const own = this.#waiting.get(accountId)?.length ?? 0;
    let [largest, most] = ['', own + 1];
    for (const [id, list] of this.#waiting) {
      if (list.length > most) [largest, most] = [id, list.length];
    }
    const refused = this.#waiting.get(largest)?.pop();
    if (!refused) return false;
    this.#count -= 1;
    clearTimeout(refused.timer);
    refused.refuse(queueFull());
    return true;
  }

  #takeNext(): Waiting | undefined {
    const [first] = this.#waiting;
    if (!first) return undefined;
    const [accountId, list] = first;
    const next = list.shift();
    this.#waiting.delete(accountId); // Its next turn comes after all others.
    if (list.length > 0) this.#waiting.set(accountId, list);
    this.#count -= 1;
    clearTimeout(next?.timer);
    return next;
  }
}

function queueFull(): ApiError {
  return new ApiError('rate-limited', 'Too many keys are being made. Try again in a moment.', {
    headers: { 'Retry-After': '2' },
  });
}
