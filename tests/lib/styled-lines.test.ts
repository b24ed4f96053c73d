import { expect, test } from 'vitest';
import { plainLine, styledLines } from '../../lib/styled-lines.ts';

test('colours of every kind, attributes, and their ends', () => {
  const [line] = styledLines(
    'a\u001b[1;31mb\u001b[38;5;208mc\u001b[38;2;1;2;3;44md\u001b[22;39me\u001b[0mf',
  );
  expect(line).toEqual([
    { text: 'a', style: {} },
    { text: 'b', style: { bold: true, colour: 1 } },
    { text: 'c', style: { bold: true, colour: 208 } },
    { text: 'd', style: { bold: true, colour: '#010203', background: 4 } },
    { text: 'e', style: { bold: false, dim: false, background: 4 } },
    { text: 'f', style: {} },
  ]);
});

test('colours go on into the next line, blanks at the end do not count', () => {
  expect(styledLines('\u001b[32mok  \nmore   ')).toEqual([
    [{ text: 'ok', style: { colour: 2 } }],
    [{ text: 'more', style: { colour: 2 } }],
  ]);
  expect(styledLines('\u001b[41mred  ')[0]?.[0]?.text).toBe('red  ');
});

test('line drawing and links', () => {
  expect(plainLine(styledLines('\u000elqqk+-0\u000f +x')[0] ?? [])).toBe('┌──┐→↑▮ +x');
  const [line] = styledLines('\u001b]8;;https://a.example/\u001b\\there\u001b]8;;\u001b\\ on');
  expect(line).toEqual([
    { text: 'there', style: { link: 'https://a.example/' } },
    { text: ' on', style: {} },
  ]);
});

test('nothing that is no text is left, however broken it is', () => {
  const hostile = '\u001b]52;c;YQ==\u0007\u001b[2Ja\u001b]0;t\u001b\\\u0007b\u0000\u009b31mc\u001b';
  expect(plainLine(styledLines(hostile)[0] ?? [])).toBe('ab31mc');
});
