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

test.each([
  ['Enter', key('Enter'), 'terminal'],
  ['Shift+Enter', key('Enter', { shiftKey: true }), 'new-line'],
  ['the keypress of Shift+Enter', key('Enter', { shiftKey: true, type: 'keypress' }), 'swallow'],
  ['Alt+Shift+Enter', key('Enter', { shiftKey: true, altKey: true }), 'terminal'],
  ['Ctrl+Shift+C', key('C', { code: 'KeyC', ctrlKey: true, shiftKey: true }), 'copy'],
  ['Ctrl+Insert', key('Insert', { ctrlKey: true }), 'copy'],
  ['Ctrl+Shift+V', key('V', { code: 'KeyV', ctrlKey: true, shiftKey: true }), 'browser'],
  ['Shift+Insert', key('Insert', { shiftKey: true }), 'browser'],
  ['Ctrl+C', key('c', { code: 'KeyC', ctrlKey: true }), 'terminal'],
  ['Ctrl+V', key('v', { code: 'KeyV', ctrlKey: true }), 'terminal'],
  ['Insert', key('Insert'), 'terminal'],
] as const)('%s is used as %#', (_, event, use) => {
  expect(keyUse(event)).toBe(use);
});

test('pasted text cannot end its own brackets, not even by halves', () => {
  expect(safePaste('a\u001b[2\u001b[201~01~; rm -rf ~\nb\u009b201~c')).toBe('a; rm -rf ~\nbc');
});
