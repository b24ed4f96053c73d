import { expect, test } from 'vitest';
import { plainText } from '../../components/plain-text.ts';

test.each([
  ['escape sequences lose their escape', '\u001b[31mred\u0007', '[31mred'],
  ['marks that turn text around go', 'abc\u202egpj.exe', 'abc gpj.exe'],
  ['lines become one', ' a\r\n\tb ', 'a b'],
  ['other scripts stay', 'größe 日本 ✅', 'größe 日本 ✅'],
])('%s', (_, text, plain) => {
  expect(plainText(text)).toBe(plain);
});

test('long text ends in an ellipsis', () => {
  expect(plainText('x'.repeat(50), 10)).toBe('xxxxxxxxx…');
});
