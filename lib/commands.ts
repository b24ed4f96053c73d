import { isCommandChord, type KeyChord } from './key-chords.ts';

interface CommandFacts {
  /** Default keys; the first is shown. */
  keys: readonly KeyChord[];
  /** Default keys on a Mac, where they are not the same. */
  macKeys?: readonly KeyChord[];
}

/**
 * Everything that a page does on a key, with its default keys: the one keymap, by the page that has the keys. All of them
 * can be rebound (`keys` in `lib/settings-table.ts`); no name stands in two places. What a terminal does not take goes to
 * the program, what the popup does not take filters.
 */
const KEYMAP = {
  popup: {
    'row-down': { keys: ['ArrowDown'] },
    'row-up': { keys: ['ArrowUp'] },
    'page-down': { keys: ['PageDown'] },
    'page-up': { keys: ['PageUp'] },
    'first-row': { keys: ['Home'] },
    'last-row': { keys: ['End'] },
    open: { keys: ['Enter'] },
    'open-tab': { keys: ['Mod+Enter'], macKeys: ['Mod+Enter', 'Ctrl+Enter'] },
    'open-window': { keys: ['Shift+Enter'] },
    /** Stands for the digits from 1 to 9, with the same keys held. */
    'open-number': { keys: ['Alt+1'] },
    'row-actions': { keys: ['Shift+F10', 'ContextMenu'] },
    leave: { keys: ['Escape'] },
  },
  terminal: {
    palette: { keys: ['Mod+Shift+P', 'Mod+Shift+K'] },
    'next-waiting': { keys: ['Mod+Shift+J'] },
    find: { keys: ['Mod+Shift+F'] },
    history: { keys: ['Mod+Shift+H'] },
    copy: {
      keys: ['Mod+Shift+C', 'Mod+Insert'],
      macKeys: ['Mod+C'],
    },
    paste: { keys: ['Mod+Shift+V', 'Shift+Insert'], macKeys: ['Mod+V'] },
    'new-line': { keys: ['Shift+Enter'] },
    bigger: { keys: ['Mod++', 'Mod+='] },
    smaller: { keys: ['Mod+-', 'Mod+_'] },
    'usual-size': { keys: ['Mod+0'] },
    fit: { keys: [] },
    window: { keys: ['Mod+Shift+O'] },
    'send-file': { keys: ['Mod+Shift+U'] },
    download: { keys: ['Mod+Shift+S'] },
    bar: { keys: ['Mod+Shift+B'] },
  },
  history: {
    search: { keys: ['/', 'Mod+F'] },
    'next-match': { keys: ['N'] },
    'previous-match': { keys: ['Shift+N'] },
    top: { keys: ['G'] },
    bottom: { keys: ['Shift+G'] },
    'copy-answer': { keys: ['A'] },
    refresh: { keys: ['R'] },
    'open-terminal': { keys: ['T'] },
  },
} as const satisfies Record<string, Record<string, CommandFacts>>;

/** A page that has keys of its own. */
export type Place = keyof typeof KEYMAP;
export type CommandOf<P extends Place> = P extends Place ? keyof (typeof KEYMAP)[P] : never;
export type Command = CommandOf<Place>;
export type TerminalCommand = CommandOf<'terminal'>;

export const PLACES = Object.keys(KEYMAP) as Place[];

/** The commands of a place, in the order in which they are listed. */
export function commandsIn<P extends Place>(place: P): CommandOf<P>[] {
  return Object.keys(KEYMAP[place]) as CommandOf<P>[];
}

const ALL: Record<Command, CommandFacts> = {
  ...KEYMAP.popup,
  ...KEYMAP.terminal,
  ...KEYMAP.history,
};

/** Keys that a person chose, by command; what is absent keeps its default keys, an empty list has none. */
export type ChosenKeys = Partial<Record<Command, readonly KeyChord[]>>;

/** The keys of a command. */
export function keysOf(command: Command, chosen: ChosenKeys, isMac: boolean): readonly KeyChord[] {
  const facts = ALL[command];
  return chosen[command] ?? (isMac ? facts.macKeys : undefined) ?? facts.keys;
}

/** The command of a chord. A chosen key wins over another command's default. */
export function commandOf<P extends Place>(
  place: P,
  chord: KeyChord,
  chosen: ChosenKeys,
  isMac: boolean,
): CommandOf<P> | undefined {
  const has = (command: Command) => keysOf(command, chosen, isMac).includes(chord);
  const wanted = commandsIn(place).filter(has);
  return wanted.find((command) => chosen[command] !== undefined) ?? wanted[0];
}

/** Whether a chord may run a command of a place: what is needed there for typing or moving has its use already. */
export function mayRun(place: Place, chord: KeyChord): boolean {
  switch (place) {
    case 'terminal':
      return isCommandChord(chord);
    case 'popup': // its filter takes text
      return isCommandChord(chord) || /^(?:Shift\+)?(?!Backspace|Delete|Tab)\w{2,}$/.test(chord);
    case 'history':
      return !/^(?:Shift\+)?(?:Tab|Enter| )$/.test(chord);
  }
}
