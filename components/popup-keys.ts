import type { OpenWhere } from '../protocol/contexts.ts';

/** The parts of a KeyboardEvent that matter. */
export interface PressedKey {
  key: string;
  /** Physical key: with Alt, `key` may be another character. */
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

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
export function popupIntent(pressed: PressedKey, at: ListPosition): PopupIntent {
  if (pressed.key === 'Escape') return at.query === '' ? { kind: 'close' } : { kind: 'clear' };
  const asksActions = pressed.key === 'ContextMenu' || (pressed.key === 'F10' && pressed.shiftKey);
  if (asksActions)
    return at.rowCount > 0 ? { kind: 'actions', index: at.activeIndex } : { kind: 'none' };
  const index = targetIndex(pressed, at);
  if (index !== undefined) return { kind: 'move', index: clamp(index, at.rowCount) };
  if (pressed.key === 'Enter') return open(at.activeIndex, at.rowCount, openWhere(pressed));
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(pressed.code)?.[1];
  const isAltAlone = pressed.altKey && !pressed.ctrlKey && !pressed.metaKey;
  if (isAltAlone && digit !== undefined) return open(Number(digit) - 1, at.rowCount, 'focus');
  return { kind: 'none' };
}

/** How a click or Enter opens, by the keys held: a new tab, a window, or the tab that shows the session already. */
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

function targetIndex(pressed: PressedKey, at: ListPosition): number | undefined {
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return undefined;
  switch (pressed.key) {
    case 'ArrowDown':
      return at.activeIndex + 1;
    case 'ArrowUp':
      return at.activeIndex - 1;
    case 'PageDown':
      return at.activeIndex + PAGE_ROWS;
    case 'PageUp':
      return at.activeIndex - PAGE_ROWS;
    case 'Home':
      return 0;
    case 'End':
      return at.rowCount - 1;
    default:
      return undefined;
  }
}

function open(index: number, rowCount: number, where: OpenWhere): PopupIntent {
  return index >= 0 && index < rowCount ? { kind: 'open', index, where } : { kind: 'none' };
}

function clamp(index: number, rowCount: number): number {
  return Math.max(0, Math.min(index, rowCount - 1));
}
