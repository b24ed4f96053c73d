import { commandsIn, PLACES, type ChosenKeys } from './commands.ts';

/** The colours of the pages: the system's, or always one of the two. */
export type ThemeChoice = 'system' | 'light' | 'dark';

/** The colours of terminals and histories: those of their page, or always one of the three. */
export type TerminalThemeChoice = 'page' | 'light' | 'dark' | 'high-contrast';

/** What a person can choose. Every value goes to the person's other browsers through `storage.sync`: no secrets. */
export interface Settings {
  theme: ThemeChoice;
  terminalTheme: TerminalThemeChoice;
  /** Text size in terminals, CSS px; a hub may have its own (`lib/hub-memory.ts`). */
  fontPx: number;
  /** A font that this computer has, before the bundled one; empty for none. */
  fontFamily: string;
  copyOnSelect: boolean;
  /** Whether to ask before several lines are pasted into a program that runs each as it arrives. */
  confirmPaste: boolean;
  /** Mirrors the screen for screen readers, which costs speed. */
  screenReader: boolean;
  /** Option is Meta on a Mac, instead of typing special characters. */
  macOptionIsMeta: boolean;
  showBar: boolean;
  /** Keys, where they are not the default ones. */
  keys: ChosenKeys;
  /** Tell by a notification when an agent waits. */
  notifyWaiting: boolean;
  notifySound: boolean;
  /** Minutes after midnight between which no notification is shown; the badge counts on. Null if there are none. */
  quietHours: { fromMin: number; toMin: number } | null;
  /** Hubs that are not watched: their sessions are read only when the popup is opened. */
  unwatchedHubs: string[];
  /** Offer the agent of an issue on these forges' pages. */
  issuePages: string[];
}

/** Text sizes that stay readable and leave a usable number of columns, CSS px. */
export const FONT_PX = { min: 8, usual: 14, max: 32 };

interface Setting<T> {
  first: T;
  /** The value, if it is one; undefined for anything else. */
  read(stored: unknown): T | undefined;
}

/** Most entries that a list may have; `storage.sync` takes 8 KB for one setting. */
const MOST_ENTRIES = 100;
/** Most keys that one command may have, and most characters of one key. */
const MOST_KEYS = 8;
const MOST_KEY_CHARS = 40;
const MINUTES_PER_DAY = 24 * 60;

/** One entry for each setting: another build, another browser or a file may have written what is stored. */
export const SETTINGS: { [K in keyof Settings]: Setting<Settings[K]> } = {
  theme: oneOf(['system', 'light', 'dark']),
  terminalTheme: oneOf(['page', 'light', 'dark', 'high-contrast']),
  fontPx: { first: FONT_PX.usual, read: fontPx },
  fontFamily: { first: '', read: fontFamily },
  copyOnSelect: flag(false),
  confirmPaste: flag(true),
  screenReader: flag(false),
  macOptionIsMeta: flag(false),
  showBar: flag(true),
  keys: { first: {}, read: keys },
  notifyWaiting: flag(true),
  notifySound: flag(false),
  quietHours: { first: null, read: hours },
  unwatchedHubs: list(/^[0-9A-Z]{26}$/),
  issuePages: list(/^https?:\/\/[a-z0-9.-]+(:\d+)?$/),
};

function oneOf<T extends string>(values: readonly [T, ...T[]]): Setting<T> {
  return { first: values[0], read: (stored) => values.find((value) => value === stored) };
}

function flag(first: boolean): Setting<boolean> {
  return { first, read: (stored) => (typeof stored === 'boolean' ? stored : undefined) };
}

function list(entry: RegExp): Setting<string[]> {
  return {
    first: [],
    read: (stored) => {
      if (!Array.isArray(stored)) return undefined;
      const texts = stored.filter((one) => typeof one === 'string' && entry.test(one)) as string[];
      return [...new Set(texts)].slice(0, MOST_ENTRIES);
    },
  };
}

function fontPx(stored: unknown): number | undefined {
  if (typeof stored !== 'number') return undefined;
  return stored >= FONT_PX.min && stored <= FONT_PX.max ? stored : undefined;
}

/** It stands between quotes in a list of fonts: nothing in it may end them. */
function fontFamily(stored: unknown): string | undefined {
  if (typeof stored !== 'string' || stored.length > 80) return undefined;
  return /^[\p{L}\p{N} _.-]*$/u.test(stored) ? stored : undefined;
}

function keys(stored: unknown): ChosenKeys | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const given = stored as Record<string, unknown>;
  const entries = PLACES.flatMap(commandsIn).flatMap((command) => {
    const chords = Object.hasOwn(given, command) ? given[command] : undefined;
    return isChords(chords) ? [[command, chords]] : [];
  });
  return Object.fromEntries(entries) as ChosenKeys; // each entry is a command with its chords
}

function isChords(stored: unknown): stored is string[] {
  return (
    Array.isArray(stored) &&
    stored.length <= MOST_KEYS &&
    stored.every((one) => typeof one === 'string' && one.length <= MOST_KEY_CHARS && one !== '')
  );
}

function minuteOfDay(stored: unknown): number | undefined {
  const isMinute = typeof stored === 'number' && Number.isInteger(stored);
  return isMinute && stored >= 0 && stored < MINUTES_PER_DAY ? stored : undefined;
}

function hours(stored: unknown): Settings['quietHours'] | undefined {
  if (stored === null) return null;
  if (typeof stored !== 'object') return undefined;
  const { fromMin, toMin } = stored as { fromMin?: unknown; toMin?: unknown };
  const from = minuteOfDay(fromMin);
  const to = minuteOfDay(toMin);
  return from === undefined || to === undefined || from === to
    ? undefined
    : { fromMin: from, toMin: to };
}
