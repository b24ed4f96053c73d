import { commandOf, keysOf, type ChosenKeys } from '../lib/commands.ts';
import { chordOf, numberChord, type PressedKey } from '../lib/key-chords.ts';
import type { OpenWhere } from '../protocol/contexts.ts';

export interface ListPosition {
  rowCount: number;
  activeIndex: number;
  query: string;
}

export type PopupIntent =
  | { kind: 'move'; index: number }
  | { kind: 'open'; index: number; where: OpenWhere }
  /** Shows what else can be done with the active row. */
  | { kind: 'actions'; index: number }
  | { kind: 'clear' }
  | { kind: 'close' }
  /** The key is not ours: it filters, or the browser has it. */
  | { kind: 'none' };

/** Rows that fit the list at its full height. */
const PAGE_ROWS = 10;

/** What a key in the filter means. Plain digits filter, because issue numbers are typed. */
export function popupIntent(
  pressed: PressedKey,
  at: ListPosition,
  chosen: ChosenKeys,
  isMac: boolean,
): PopupIntent {
  const digit = numberChord(pressed, isMac);
  if (digit && keysOf('open-number', chosen, isMac).includes(digit.chord))
    return open(digit.number - 1, at.rowCount, 'focus');
  const chord = chordOf(pressed, isMac);
  const command = chord === undefined ? undefined : commandOf('popup', chord, chosen, isMac);
  const move = (index: number): PopupIntent => ({ kind: 'move', index: clamp(index, at.rowCount) });
  switch (command) {
    case undefined:
    case 'open-number': // a digit was asked for above
      return { kind: 'none' };
    case 'row-down':
      return move(at.activeIndex + 1);
    case 'row-up':
      return move(at.activeIndex - 1);
    case 'page-down':
      return move(at.activeIndex + PAGE_ROWS);
    case 'page-up':
      return move(at.activeIndex - PAGE_ROWS);
    case 'first-row':
      return move(0);
    case 'last-row':
      return move(at.rowCount - 1);
    case 'open':
      return open(at.activeIndex, at.rowCount, 'focus');
    case 'open-tab':
      return open(at.activeIndex, at.rowCount, 'new-tab');
    case 'open-window':
      return open(at.activeIndex, at.rowCount, 'window');
    case 'row-actions':
      return at.rowCount > 0 ? { kind: 'actions', index: at.activeIndex } : { kind: 'none' };
    case 'leave':
      return at.query === '' ? { kind: 'close' } : { kind: 'clear' };
  }
}

/** How a click opens, by the keys held: a new tab, a window, or the tab that shows the session already. */
export function openWhere(held: {
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}): OpenWhere {
  if (held.ctrlKey || held.metaKey) return 'new-tab';
  return held.shiftKey ? 'window' : 'focus';
}

/** Where the active row is now: found by its key, else the row that took its place. */
export function activeIndex(
  keys: string[],
  activeKey: string | undefined,
  lastIndex: number,
): number {
  const found = activeKey === undefined ? -1 : keys.indexOf(activeKey);
  return found >= 0 ? found : clamp(lastIndex, keys.length);
}

function open(index: number, rowCount: number, where: OpenWhere): PopupIntent {
  return index >= 0 && index < rowCount ? { kind: 'open', index, where } : { kind: 'none' };
}

function clamp(index: number, rowCount: number): number {
  return Math.max(0, Math.min(index, rowCount - 1));
}
