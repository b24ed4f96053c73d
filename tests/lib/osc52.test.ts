import { expect, test } from 'vitest';
import { textToCopy } from '../../lib/osc52.ts';

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');

test.each(['', 'c', 'p', 's', 'pc', 's0'])('selection "%s" is the clipboard', (selection) => {
  expect(textToCopy(`${selection};${base64('é日本')}`)).toBe('é日本');
});

test('a query is no text, and never answered', () => {
  expect(textToCopy('c;?')).toBeUndefined();
  expect(textToCopy(';?')).toBeUndefined();
});

test('what is broken, empty or too long is nothing', () => {
  expect(textToCopy('c;!!!')).toBeUndefined();
  expect(textToCopy('c;')).toBeUndefined();
  expect(textToCopy('c')).toBeUndefined();
  expect(textToCopy('clipboard;YQ==')).toBeUndefined();
  expect(textToCopy(`c;${base64(Uint8Array.of(0xff, 0xfe))}`)).toBeUndefined();
  expect(textToCopy(`c;${base64('x'.repeat(2 * 1024 * 1024))}`)).toBeUndefined();
  expect(textToCopy(`c;${base64('x'.repeat(1024 * 1024))}`)).toHaveLength(1024 * 1024);
});
