import type { KeyChord } from './key-chords.ts';

interface CommandFacts {
  /** Default keys; the first is shown. */
  keys: readonly KeyChord[];
  /** Default keys on a Mac, where they are not the same. */
  macKeys?: readonly KeyChord[];
}

/**
 * Everything that a terminal page does on a key, with its default keys: the one keymap. All of them can be rebound
 * (`keys` in `lib/settings-table.ts`); what is not in it goes to the program.
 */
const TERMINAL_COMMANDS = {
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
  window: { keys: ['Mod+Shift+O'] },
  'send-file': { keys: ['Mod+Shift+U'] },
  download: { keys: ['Mod+Shift+S'] },
  fit: { keys: [] },
  bar: { keys: ['Mod+Shift+B'] },
} as const satisfies Record<string, CommandFacts>;

export type TerminalCommand = keyof typeof TERMINAL_COMMANDS;

export const TERMINAL_COMMAND_NAMES = Object.keys(TERMINAL_COMMANDS) as TerminalCommand[];

/** Keys that a person chose, by command; what is absent keeps its default keys, an empty list has none. */
export type ChosenKeys = Partial<Record<TerminalCommand, readonly KeyChord[]>>;

/** The keys of a command. */
export function keysOf(
  command: TerminalCommand,
  chosen: ChosenKeys,
  isMac: boolean,
): readonly KeyChord[] {
  const facts: CommandFacts = TERMINAL_COMMANDS[command];
  return chosen[command] ?? (isMac ? facts.macKeys : undefined) ?? facts.keys;
}

/** The command of a chord. A chosen key wins over another command's default. */
export function commandOf(
  chord: KeyChord,
  chosen: ChosenKeys,
  isMac: boolean,
): TerminalCommand | undefined {
  const has = (command: TerminalCommand) => keysOf(command, chosen, isMac).includes(chord);
  const wanted = TERMINAL_COMMAND_NAMES.filter(has);
  return wanted.find((command) => chosen[command] !== undefined) ?? wanted[0];
}
