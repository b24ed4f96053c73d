import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { remoteCommand } from '../../lib/remote-command.ts';

/** Words that would do harm, or come out changed, if any of them reached a shell unquoted. */
const HOSTILE = [
  '',
  ' ',
  'two words',
  '$(touch pwned)',
  '`touch pwned`',
  '; touch pwned',
  '| touch pwned',
  '&& touch pwned',
  '> pwned',
  '(touch pwned)',
  "'; touch pwned; '",
  '"; touch pwned; "',
  "it's",
  "''",
  '\\',
  '\\\\',
  "\\'",
  "'\\''",
  'a\\nb',
  '$HOME',
  '${HOME}',
  '#(touch pwned)',
  '!touch',
  '~',
  '*',
  '?',
  '[a-z]',
  '{a,b}',
  '=ls',
  '-rf',
  '%s',
  'tab\there',
  'line\nbreak',
  'carriage\rreturn',
  'é日本👩‍👩‍👧‍👦',
  '\u202Eevil',
];

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hubtab-quote-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe.each(['sh', 'bash', 'zsh', 'fish'])('in %s', (shell) => {
  test('every hostile word arrives as it was, and none runs', () => {
    const print = 'for (const word of process.argv.slice(1)) process.stdout.write(word + "\\0")';
    const command = remoteCommand([process.execPath, '-e', print, '--', ...HOSTILE]);
    const output = execFileSync(shell, ['-c', command], { cwd: directory, encoding: 'utf8' });
    expect(output.split('\0').slice(0, -1)).toEqual(HOSTILE);
    expect(readdirSync(directory).filter((name) => name === 'pwned')).toEqual([]);
  });
});

test('a word with NUL is refused', () => {
  expect(() => remoteCommand(['a', 'b\0c'])).toThrow(RangeError);
});

test('a command longer than the limit is refused', () => {
  expect(() => remoteCommand(['a', 'x'.repeat(40_000)])).toThrow(RangeError);
});
