import { describe, expect, test } from 'vitest';
import { activeIndex, openWhere, popupIntent as intent } from '../../components/popup-keys.ts';
import type { ChosenKeys } from '../../lib/commands.ts';
import type { PressedKey } from '../../lib/key-chords.ts';

const press = (key: string, held: Partial<PressedKey> = {}): PressedKey => ({
  key,
  code: /^\d$/.test(key) ? `Digit${key}` : key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});
const popupIntent = (
  pressed: PressedKey,
  position: typeof at,
  chosen: ChosenKeys = {},
  isMac = false,
) => intent(pressed, position, chosen, isMac);
const at = { rowCount: 25, activeIndex: 3, query: '' };

describe('moving', () => {
  test.each([
    ['ArrowDown', 4],
    ['ArrowUp', 2],
    ['PageDown', 13],
    ['PageUp', 0],
    ['Home', 0],
    ['End', 24],
  ])('%s goes to row %i', (key, index) => {
    expect(popupIntent(press(key), at)).toEqual({ kind: 'move', index });
  });

  test('stops at both ends', () => {
    const ends = [
      popupIntent(press('ArrowUp'), { ...at, activeIndex: 0 }),
      popupIntent(press('ArrowDown'), { ...at, activeIndex: 24 }),
    ];
    expect(ends).toEqual([
      { kind: 'move', index: 0 },
      { kind: 'move', index: 24 },
    ]);
  });
});

describe('opening', () => {
  test.each([
    ['Enter', {}, 'focus'],
    ['Ctrl+Enter', { ctrlKey: true }, 'new-tab'],
    ['Shift+Enter', { shiftKey: true }, 'window'],
  ] as const)('%s opens the active row: %o → %s', (_, held, where) => {
    expect(popupIntent(press('Enter', held), at)).toEqual({ kind: 'open', index: 3, where });
  });

  test('a Mac has Cmd or Ctrl for a new tab', () => {
    for (const held of [{ metaKey: true }, { ctrlKey: true }])
      expect(popupIntent(press('Enter', held), at, {}, true)).toEqual({
        kind: 'open',
        index: 3,
        where: 'new-tab',
      });
  });

  test('Alt and a digit open that row, whatever character the layout makes of it', () => {
    const pressed = press('¡', { altKey: true, code: 'Digit1' });
    expect(popupIntent(pressed, at)).toEqual({ kind: 'open', index: 0, where: 'focus' });
  });

  test('Alt and a digit beyond the list do nothing', () => {
    expect(popupIntent(press('9', { altKey: true }), { ...at, rowCount: 4 })).toEqual({
      kind: 'none',
    });
  });

  test('a plain digit filters', () => {
    expect(popupIntent(press('4'), at)).toEqual({ kind: 'none' });
  });

  test('an empty list opens nothing', () => {
    expect(popupIntent(press('Enter'), { rowCount: 0, activeIndex: 0, query: 'x' })).toEqual({
      kind: 'none',
    });
  });

  test('a click opens by the keys held', () => {
    const held = { ctrlKey: true, metaKey: false, shiftKey: true };
    expect(openWhere(held)).toBe('new-tab');
  });
});

test('chosen keys replace the usual ones, digits all nine', () => {
  const chosen = { 'row-down': ['Mod+J'], 'open-number': ['Mod+1'], leave: [] };
  const ctrl = { ctrlKey: true };
  const kinds = [
    popupIntent(press('j', { ...ctrl, code: 'KeyJ' }), at, chosen),
    popupIntent(press('ArrowDown'), at, chosen),
    popupIntent(press('3', ctrl), at, chosen),
    popupIntent(press('3', { altKey: true }), at, chosen),
    popupIntent(press('Escape'), at, chosen),
  ];
  expect(kinds).toEqual([
    { kind: 'move', index: 4 },
    { kind: 'none' },
    { kind: 'open', index: 2, where: 'focus' },
    { kind: 'none' },
    { kind: 'none' },
  ]);
});

test('Esc clears the filter first, then closes', () => {
  expect([
    popupIntent(press('Escape'), { ...at, query: 'pay' }),
    popupIntent(press('Escape'), at),
  ]).toEqual([{ kind: 'clear' }, { kind: 'close' }]);
});

describe('the active row', () => {
  test('stays the same session when new rows come before it', () => {
    expect(activeIndex(['new', 'a', 'b'], 'a', 0)).toBe(1);
  });

  test('becomes the one in its place when it goes', () => {
    expect([
      activeIndex(['a', 'c'], 'b', 1),
      activeIndex(['a'], 'b', 1),
      activeIndex([], 'b', 1),
    ]).toEqual([1, 0, 0]);
  });
});
