import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again and again until the answer is not undefined or false.
 * @returns the answer
 * @throws when it takes longer than `timeoutMs`
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 20_000,
): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(50);
  }
}
