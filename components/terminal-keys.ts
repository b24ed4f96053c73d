import { chordOf, type PressedKey } from '../lib/key-chords.ts';
import { commandOf, type ChosenKeys, type TerminalCommand } from '../lib/commands.ts';

/** The parts of a KeyboardEvent that matter. */
export interface TerminalKey extends PressedKey {
  type: string;
}

/** What the terminal page does with a key: `terminal` leaves it to xterm.js and so to the program. */
export type KeyUse =
  | { kind: 'terminal' }
  | { kind: 'command'; command: TerminalCommand }
  /** The browser pastes: reading the clipboard ourselves would need a permission. */
  | { kind: 'browser' }
  /** The other events of a command's key, which would type something. */
  | { kind: 'swallow' };

/** A new line in the prompts of coding agents, which take plain Enter as "send": ESC CR, as Alt+Enter sends. */
export const NEW_LINE = '\u001b\r';

/** What the browser does by itself with a paste event, which xterm.js understands. */
const NATIVE_PASTE: ReadonlySet<string> = new Set(['Mod+V', 'Mod+Shift+V', 'Shift+Insert']);

/**
 * Decides about one key event. xterm.js 6.0 cannot report Shift+Enter (its kitty keyboard support is in 6.1), hence the
 * command for it.
 */
export function keyUse(
  event: TerminalKey,
  chosen: ChosenKeys,
  isMac: boolean,
  hasSelection: boolean,
): KeyUse {
  const chord = chordOf(event, isMac);
  const command = chord === undefined ? undefined : commandOf('terminal', chord, chosen, isMac);
  if (chord === undefined || command === undefined) return { kind: 'terminal' };
  // Without a selection the Mac's Cmd+C is no copy, and Ctrl+Insert some program's key.
  if (command === 'copy' && !hasSelection && !chord.includes('Shift')) return { kind: 'terminal' };
  if (command === 'paste' && NATIVE_PASTE.has(chord)) return { kind: 'browser' };
  return event.type === 'keydown' ? { kind: 'command', command } : { kind: 'swallow' };
}

/**
 * Pasted text without what would end a bracketed paste early: text after `ESC[201~` would be typed, and could run.
 * Removed until none is left, since removing one may join the halves of another.
 */
export function safePaste(text: string): string {
  const safe = text.replaceAll('\u001b[201~', '').replaceAll('\u009b201~', '');
  return safe === text ? text : safePaste(safe);
}
