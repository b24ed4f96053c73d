import { expect, test } from 'vitest';
import { keyUse, safePaste, type TerminalKey } from '../../components/terminal-keys.ts';

const key = (name: string, held: Partial<TerminalKey> = {}): TerminalKey => ({
  type: 'keydown',
  key: name,
  code: name,
  ctrlKey: false,
  shiftKey: false,
  altKey: false,
  metaKey: false,
  ...held,
});
const [ctrl, shift, alt, meta] = [
  { ctrlKey: true },
  { shiftKey: true },
  { altKey: true },
  { metaKey: true },
];

/** A command's name, or what else becomes of the key. */
function useOf(event: TerminalKey, isMac = false, hasSelection = true): string {
  const use = keyUse(event, {}, isMac, hasSelection);
  return use.kind === 'command' ? use.command : use.kind;
}

test.each([
  ['Enter', key('Enter'), 'terminal'],
  ['Shift+Enter', key('Enter', shift), 'new-line'],
  ['the keypress of Shift+Enter', key('Enter', { ...shift, type: 'keypress' }), 'swallow'],
  ['Alt+Shift+Enter', key('Enter', { ...shift, ...alt }), 'terminal'],
  ['Ctrl+Shift+C', key('C', { code: 'KeyC', ...ctrl, ...shift }), 'copy'],
  ['Ctrl+Insert', key('Insert', ctrl), 'copy'],
  ['Ctrl+Shift+V', key('V', { code: 'KeyV', ...ctrl, ...shift }), 'browser'],
  ['Shift+Insert', key('Insert', shift), 'browser'],
  ['Ctrl+C', key('c', { code: 'KeyC', ...ctrl }), 'terminal'],
  ['Ctrl+V', key('v', { code: 'KeyV', ...ctrl }), 'terminal'],
  ['Ctrl+W, T, N', key('w', { code: 'KeyW', ...ctrl }), 'terminal'],
  ['Insert', key('Insert'), 'terminal'],
  ['Ctrl+Shift+P', key('P', { code: 'KeyP', ...ctrl, ...shift }), 'palette'],
  ['Ctrl+Shift+З of a Cyrillic layout', key('З', { code: 'KeyP', ...ctrl, ...shift }), 'palette'],
  ['Ctrl++ with Shift', key('+', { code: 'Equal', ...ctrl, ...shift }), 'bigger'],
  ['Ctrl+-', key('-', { code: 'Minus', ...ctrl }), 'smaller'],
  ['Ctrl+0', key('0', { code: 'Digit0', ...ctrl }), 'usual-size'],
  ['Shift alone', key('Shift', shift), 'terminal'],
] as const)('%s', (_, event, use) => {
  expect(useOf(event)).toBe(use);
});

test('a Mac has Cmd where others have Ctrl, and Ctrl goes to the program', () => {
  expect(useOf(key('c', { code: 'KeyC', ...meta }), true)).toBe('copy');
  expect(useOf(key('c', { code: 'KeyC', ...meta }), true, false)).toBe('terminal');
  expect(useOf(key('v', { code: 'KeyV', ...meta }), true)).toBe('browser');
  expect(useOf(key('P', { code: 'KeyP', ...ctrl, ...shift }), true)).toBe('terminal');
});

test('a chosen key replaces the default one, and wins over another command’s', () => {
  const f = key('F', { code: 'KeyF', ...ctrl, ...shift });
  const p = key('P', { code: 'KeyP', ...ctrl, ...shift });
  const chosen = { palette: ['Mod+Shift+F'] };
  expect(keyUse(f, chosen, false, false)).toEqual({ kind: 'command', command: 'palette' });
  expect(keyUse(p, chosen, false, false)).toEqual({ kind: 'terminal' });
  expect(keyUse(p, { palette: [] }, false, false)).toEqual({ kind: 'terminal' });
});

test('pasted text cannot end its own brackets, not even by halves', () => {
  expect(safePaste('a\u001b[2\u001b[201~01~; rm -rf ~\nb\u009b201~c')).toBe('a; rm -rf ~\nbc');
});
