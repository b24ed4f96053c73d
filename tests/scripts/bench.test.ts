import { expect, test } from 'vitest';
import { FIGURES, Samples } from '../../scripts/bench/figures.ts';
import { median, percentile, summarize } from '../../scripts/bench/statistics.ts';
import { table } from '../../scripts/bench/table.ts';

test('the median of an even number of values lies between the two in the middle', () => {
  expect([median([9, 1, 5]), median([4, 1, 3, 2])]).toEqual([5, 2.5]);
});

test('a percentile is a value that was measured', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i);
  expect([50, 99, 100, 0].map((percent) => percentile(values, percent))).toEqual([
    100, 198, 200, 1,
  ]);
});

test('a summary does not disturb the order of what it is made from', () => {
  const values = [10, 2, 33];
  expect(summarize(values)).toEqual({ n: 3, median: 10, min: 2, max: 33 });
  expect(values).toEqual([10, 2, 33]);
});

test('nothing measured is an error, not a zero', () => {
  expect(() => summarize([])).toThrow('nothing was measured');
});

test('the table has a row for each measured figure and says what is absent', () => {
  const samples = new Samples();
  samples.add('join', 'ours', 453.4, 370, 632);
  samples.add('join', 'native', 3270);
  expect(table(FIGURES, samples).split('\n')).toEqual([
    'name  figure                      unit  ours               upstream  native',
    '----  --------------------------  ----  -----------------  --------  ------',
    'join  join: start to hub visible  ms    453 (370-632) n=3  -         3270',
  ]);
});

test('figures have names of their own', () => {
  const names = FIGURES.map(({ name }) => name);
  expect([...new Set(names)]).toEqual(names);
});
