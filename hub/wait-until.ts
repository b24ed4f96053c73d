import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks `check` until it answers something else than undefined; resolves with undefined at the deadline.
 * 100 ms between questions: each starts a short program, and nobody notices a tenth of a second.
 */
export async function waitUntil<T>(
  check: () => Promise<T | undefined> | T | undefined,
  deadlineMs: number,
  intervalMs = 100,
): Promise<T | undefined> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const answer = await check();
    if (answer !== undefined || Date.now() >= end) return answer;
    await delay(intervalMs);
  }
}
