import type { KeyChord } from './key-chords.ts';

interface CommandFacts {
  /** What the palette and the options call it. */
  label: string;
  /** Default keys; the first is shown. */
  keys: readonly KeyChord[];
  /** Default keys on a Mac, where they are not the same. */
  macKeys?: readonly KeyChord[];
}

/**
 * Everything that a terminal page does on a key, with its default keys: the one keymap. All of them can be rebound
 * (`keys` in `lib/terminal-settings.ts`); what is not in it goes to the program.
 */
export const TERMINAL_COMMANDS = {
  palette: { label: 'Go to a session or run an action', keys: ['Mod+Shift+P', 'Mod+Shift+K'] },
  'next-waiting': { label: 'Next agent that waits', keys: ['Mod+Shift+J'] },
  find: { label: 'Find on the screen', keys: ['Mod+Shift+F'] },
  history: { label: 'History of this session', keys: ['Mod+Shift+H'] },
  copy: {
    label: 'Copy the selection',
    keys: ['Mod+Shift+C', 'Mod+Insert'],
    macKeys: ['Mod+C'],
  },
  paste: { label: 'Paste', keys: ['Mod+Shift+V', 'Shift+Insert'], macKeys: ['Mod+V'] },
  'new-line': { label: 'New line in an agent’s prompt', keys: ['Shift+Enter'] },
  bigger: { label: 'Bigger text on this hub', keys: ['Mod++', 'Mod+='] },
  smaller: { label: 'Smaller text on this hub', keys: ['Mod+-', 'Mod+_'] },
  'usual-size': { label: 'Usual text size on this hub', keys: ['Mod+0'] },
  window: { label: 'Open in a window of its own', keys: ['Mod+Shift+O'] },
  'send-file': { label: 'Send a file to the hub', keys: ['Mod+Shift+U'] },
  download: { label: 'Download a file from the hub', keys: ['Mod+Shift+S'] },
  bar: { label: 'Show or hide the bar', keys: ['Mod+Shift+B'] },
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
