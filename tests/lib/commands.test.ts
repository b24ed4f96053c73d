import { expect, test } from 'vitest';
import { chordLabel, chordOf, isCommandChord } from '../../lib/key-chords.ts';
import { commandOf, commandsIn, keysOf, mayRun, PLACES } from '../../lib/commands.ts';

const every = [false, true].flatMap((isMac) => PLACES.map((place) => ({ place, isMac })));

test.each(every)('no two commands share a default key: %o', ({ place, isMac }) => {
  const commands = commandsIn(place);
  const keys = commands.flatMap((command) => keysOf(command, {}, isMac));
  expect(keys).toHaveLength(new Set(keys).size);
  for (const command of commands)
    for (const key of keysOf(command, {}, isMac))
      expect(commandOf(place, key, {}, isMac)).toBe(command);
});

test.each(every)('every default key may be chosen: %o', ({ place, isMac }) => {
  const keys = commandsIn(place).flatMap((command) => keysOf(command, {}, isMac));
  expect(keys.filter((key) => !mayRun(place, key))).toEqual([]);
});

test('a command has one name, whichever page it is of', () => {
  const names = PLACES.flatMap(commandsIn);
  expect(names).toHaveLength(new Set(names).size);
});

test('what types in the popup’s filter, or moves in the history, stays as it is', () => {
  for (const key of ['A', '1', 'Shift+A', '/', ' ', 'Backspace', 'Delete', 'Tab', 'Shift+Tab'])
    expect(mayRun('popup', key), key).toBe(false);
  for (const key of ['Enter', ' ', 'Tab', 'Shift+Tab'])
    expect(mayRun('history', key), key).toBe(false);
});

test('chords read as people write them', () => {
  expect(chordLabel('Mod+Shift+P', false)).toBe('Ctrl Shift P');
  expect(chordLabel('Mod++', false)).toBe('Ctrl +');
  expect(chordLabel('Mod+Shift+P', true)).toBe('⌘⇧P');
  expect(['N', 'Shift+N', '/'].map((chord) => chordLabel(chord, false))).toEqual(['n', 'N', '/']);
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
