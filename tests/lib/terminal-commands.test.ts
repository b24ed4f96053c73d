import { expect, test } from 'vitest';
import { chordLabel, chordOf, isCommandChord } from '../../lib/key-chords.ts';
import { commandOf, keysOf, TERMINAL_COMMAND_NAMES } from '../../lib/terminal-commands.ts';

test.each([false, true])('no two commands share a default key (Mac: %s)', (isMac) => {
  const keys = TERMINAL_COMMAND_NAMES.flatMap((command) => keysOf(command, {}, isMac));
  expect(keys).toHaveLength(new Set(keys).size);
  for (const command of TERMINAL_COMMAND_NAMES)
    for (const key of keysOf(command, {}, isMac)) expect(commandOf(key, {}, isMac)).toBe(command);
});

test('chords read as people write them', () => {
  expect(chordLabel('Mod+Shift+P', false)).toBe('Ctrl Shift P');
  expect(chordLabel('Mod++', false)).toBe('Ctrl +');
  expect(chordLabel('Mod+Shift+P', true)).toBe('⌘⇧P');
});

test('held keys alone are no chord', () => {
  const held = { code: 'ShiftLeft', ctrlKey: false, shiftKey: true, altKey: false, metaKey: false };
  expect(chordOf({ key: 'Shift', ...held }, false)).toBeUndefined();
});

test('a chord that types or moves is no command', () => {
  for (const chord of ['Mod+Shift+Y', 'Alt+1', 'F2', 'Shift+F10', 'Shift+Enter', 'Shift+Insert'])
    expect(isCommandChord(chord), chord).toBe(true);
  for (const chord of ['A', '1', 'Shift+A', 'Enter', 'ArrowUp', 'Shift+ArrowUp', ' '])
    expect(isCommandChord(chord), chord).toBe(false);
});

test('every default key may run a command', () => {
  const keys = TERMINAL_COMMAND_NAMES.flatMap((command) => keysOf(command, {}, false));
  expect(keys.filter((key) => !isCommandChord(key))).toEqual([]);
});
