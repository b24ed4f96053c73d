/** The parts of a KeyboardEvent that matter. */
export interface PressedKey {
  key: string;
  /** Physical key: what counts where the layout has no Latin letters. */
  code: string;
  ctrlKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

/**
 * A key with those held beside it, as it is stored and shown: `Mod+Shift+P`. `Mod` is Cmd on a Mac and Ctrl elsewhere.
 * Held keys stand in the order Mod, Ctrl, Alt, Shift; the last part is a letter, a digit, a sign, or a name of
 * `KeyboardEvent.key`.
 */
export type KeyChord = string;

/** Pressed alone these are no chord yet. */
const HELD_KEYS: ReadonlySet<string> = new Set([
  'Shift',
  'Control',
  'Alt',
  'AltGraph',
  'Meta',
  'CapsLock',
  'Dead',
  'Process',
  'Unidentified',
]);

/** The chord of a pressed key; undefined while only Shift and the like are down. */
export function chordOf(event: PressedKey, isMac: boolean): KeyChord | undefined {
  if (HELD_KEYS.has(event.key)) return undefined;
  const isMod = isMac ? event.metaKey : event.ctrlKey;
  const name = keyName(event);
  // A sign says by itself that Shift is down: + is Shift+= on one keyboard and a key of its own on another.
  const isSign = name.length === 1 && !/[A-Z0-9 ]/.test(name);
  const parts = [
    isMod && 'Mod',
    isMac && event.ctrlKey && 'Ctrl',
    !isMac && event.metaKey && 'Meta',
    event.altKey && 'Alt',
    event.shiftKey && !isSign && 'Shift',
    name,
  ];
  return parts.filter(Boolean).join('+');
}

/**
 * A pressed digit from 1 to 9 as the chord of the first one, with its number. Digits count by position: Alt makes other
 * characters of them, and some keyboards have them with Shift only.
 */
export function numberChord(
  event: PressedKey,
  isMac: boolean,
): { chord: KeyChord; number: number } | undefined {
  const { code, ctrlKey, shiftKey, altKey, metaKey } = event;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code)?.[1];
  const chord = digit && chordOf({ key: '1', code, ctrlKey, shiftKey, altKey, metaKey }, isMac);
  return chord ? { chord, number: Number(digit) } : undefined;
}

/** Keys count as the layout has them; where that gives no ASCII character (Cyrillic, Option on a Mac), by position. */
function keyName({ key, code }: PressedKey): string {
  const position = /^(?:Key([A-Z])|Digit([0-9]))$/.exec(code);
  const isOther = key.length === 1 && !/^[\u0020-\u007e]$/.test(key);
  if (isOther && position) return position[1] ?? position[2] ?? key;
  return key.length === 1 ? key.toUpperCase() : key;
}

/** Whether a chord may run a command: what types a character, or moves in every program, belongs to the program. */
export function isCommandChord(chord: KeyChord): boolean {
  return (
    /^(?:Mod|Ctrl|Alt|Meta)\+/.test(chord) ||
    /^(?:Shift\+)?(?:F\d+|Insert|Pause)$/.test(chord) ||
    chord === 'Shift+Enter'
  );
}

/** A chord as people read it: `Ctrl Shift P`, on a Mac `⌘⇧P`; a letter alone as it is typed, `n` or `N`. */
export function chordLabel(chord: KeyChord, isMac: boolean): string {
  if (/^[A-Z]$/.test(chord)) return chord.toLowerCase();
  if (/^Shift\+[A-Z]$/.test(chord)) return chord.slice(-1);
  // The last part may be a plus itself.
  const parts = chord.endsWith('+') ? [...chord.slice(0, -2).split('+'), '+'] : chord.split('+');
  const words = isMac ? MAC_WORDS : WORDS;
  return parts.map((part) => words[part] ?? part).join(isMac ? '' : ' ');
}

const NAMES = {
  ' ': 'Space',
  Escape: 'Esc',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  PageUp: 'Page Up',
  PageDown: 'Page Down',
  ContextMenu: 'Menu',
};
const WORDS: Partial<Record<string, string>> = { ...NAMES, Mod: 'Ctrl', Meta: 'Win' };
const MAC_WORDS: Partial<Record<string, string>> = {
  ...NAMES,
  Mod: '⌘',
  Ctrl: '⌃',
  Alt: '⌥',
  Shift: '⇧',
  Enter: '↩',
};
