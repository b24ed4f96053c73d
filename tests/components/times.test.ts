import { describe, expect, test } from 'vitest';
import {
  agoText,
  ageText,
  clockText,
  count,
  durationText,
  spokenAge,
} from '../../components/times.ts';
import { MINUTE, NOW } from './made-up.ts';

const ages = [0, 4000, 12_000, 59_999, MINUTE, 26.9 * MINUTE, 120 * MINUTE, 24 * 60 * MINUTE - 1];

describe('an age', () => {
  test('is relative for a day', () => {
    expect(ages.map((ms) => ageText(NOW - ms, NOW))).toEqual([
      'now',
      'now',
      '12 s',
      '59 s',
      '1 min',
      '26 min',
      '2 h',
      '23 h',
    ]);
  });

  test('is a date after a day', () => {
    expect(ageText(NOW - 2 * 24 * 60 * MINUTE, NOW)).toBe('20 Nov');
  });

  test('is now when the hub clock runs ahead', () => {
    expect(ageText(NOW + 90_000, NOW)).toBe('now');
  });

  test('is spoken in whole words', () => {
    expect(
      [0, 12_000, MINUTE, 26 * MINUTE, 60 * MINUTE].map((ms) => spokenAge(NOW - ms, NOW)),
    ).toEqual(['just now', '12 seconds', '1 minute', '26 minutes', '1 hour']);
  });
});

test('what was seen says how long ago, then on which day', () => {
  expect([1000, 12 * MINUTE, 48 * 60 * MINUTE].map((ms) => agoText(NOW - ms, NOW))).toEqual([
    'just now',
    '12 min ago',
    'on 20 November',
  ]);
});

test('a time of another day carries its date', () => {
  expect([clockText(NOW - 10 * MINUTE, NOW), clockText(NOW - 24 * 60 * MINUTE, NOW)]).toEqual([
    '14:20',
    '21 Nov, 14:30',
  ]);
});

test('durations drop what nobody needs', () => {
  expect([900, 59_000, 5 * MINUTE, 60 * MINUTE, 72 * MINUTE].map(durationText)).toEqual([
    '0 s',
    '59 s',
    '5 min',
    '1 h',
    '1 h 12 min',
  ]);
});

test('counts have their plural', () => {
  expect([count(0, 'hub'), count(1, 'hub'), count(2, 'hub')]).toEqual([
    '0 hubs',
    '1 hub',
    '2 hubs',
  ]);
});
