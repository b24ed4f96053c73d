import { expect, test } from 'vitest';
import { progressOf } from '../../lib/progress.ts';

test.each([
  ['4;1;42', { state: 'going', percent: 42 }],
  ['4;1;420', { state: 'going', percent: 100 }],
  ['4;2;7', { state: 'failed', percent: 7 }],
  ['4;2', { state: 'failed', percent: undefined }],
  ['4;3;0', { state: 'going', percent: undefined }],
  ['4;4;50', { state: 'paused', percent: 50 }],
  ['4;0', null],
  ['4;0;0', null],
  ['4;9;1', undefined],
  ['4;1;<b>', undefined],
  ['hello', undefined],
] as const)('%s', (data, progress) => {
  expect(progressOf(data)).toEqual(progress);
});
