/** What is said of a list of measurements. Medians, not means: one other program's burst should not move a figure. */
export interface Summary {
  n: number;
  median: number;
  min: number;
  max: number;
}

/** @throws RangeError when nothing was measured */
export function summarize(values: readonly number[]): Summary {
  return {
    n: values.length,
    median: median(values),
    min: percentile(values, 0),
    max: percentile(values, 100),
  };
}

/** @throws RangeError when there are no values */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const upper = at(sorted, Math.floor(sorted.length / 2));
  return sorted.length % 2 === 1 ? upper : (at(sorted, sorted.length / 2 - 1) + upper) / 2;
}

/**
 * Nearest rank: the smallest value that at least so many per cent of the values do not exceed. It is always a value that
 * was measured.
 * @param percent 0 to 100
 * @throws RangeError when there are no values
 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = ascending(values);
  return at(sorted, Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1));
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

function at(sorted: readonly number[], index: number): number {
  const value = sorted[index];
  if (value === undefined) throw new RangeError('nothing was measured');
  return value;
}
