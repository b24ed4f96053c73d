import { expect, it } from 'vitest';
import { retryDelayMs } from '../../hub/supervise.ts';

it('doubles from a second to a minute, and a quarter of it is chance', () => {
  const longest = [0, 1, 2, 5, 6, 100].map((failures) => retryDelayMs(failures, 1));
  expect(longest).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000]);
  expect(retryDelayMs(100, 0)).toBe(45_000);
});
