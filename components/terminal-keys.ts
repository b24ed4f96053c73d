/** The parts of a KeyboardEvent that matter. */
export interface TerminalKey {
  type: string;
  key: string;
  code: string;
  ctrlKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

/** What the terminal page does with a key: `terminal` leaves it to xterm.js and so to the program. */
export type KeyUse = 'terminal' | 'new-line' | 'copy' | 'browser' | 'swallow';

/** A new line in the prompts of coding agents, which take plain Enter as "send": ESC CR, as Alt+Enter sends. */
export const NEW_LINE = '\u001b\r';

/**
 * Decides about one key event. xterm.js 6.0 cannot report Shift+Enter (its kitty keyboard support is in 6.1), hence our
 * own. Paste keys go to the browser, whose paste event xterm.js understands: reading the clipboard ourselves would need
 * a permission.
 */
export function keyUse(event: TerminalKey): KeyUse {
  const { key, code, ctrlKey, shiftKey, altKey, metaKey } = event;
  if (altKey || metaKey) return 'terminal';
  if (key === 'Enter' && shiftKey && !ctrlKey) {
    return event.type === 'keydown' ? 'new-line' : 'swallow'; // a keypress would send CR as well
  }
  const isCopy =
    (ctrlKey && shiftKey && code === 'KeyC') || (ctrlKey && !shiftKey && key === 'Insert');
  if (isCopy) return event.type === 'keydown' ? 'copy' : 'swallow';
  const isPaste =
    (ctrlKey && shiftKey && code === 'KeyV') || (!ctrlKey && shiftKey && key === 'Insert');
  return isPaste ? 'browser' : 'terminal';
}

/**
 * Pasted text without what would end a bracketed paste early: text after `ESC[201~` would be typed, and could run.
 * Removed until none is left, since removing one may join the halves of another.
 */
export function safePaste(text: string): string {
  const safe = text.replaceAll('\u001b[201~', '').replaceAll('\u009b201~', '');
  return safe === text ? text : safePaste(safe);
}
