/** The colours of the pages: the system's, or always one of the two. */
export type ThemeChoice = 'system' | 'light' | 'dark';

/** What a person can choose, but for terminals (`lib/terminal-settings.ts`). Every value goes to the person's other browsers through `storage.sync`: no secrets. */
export interface Settings {
  theme: ThemeChoice;
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

interface Setting<T> {
  first: T;
  /** The value, if it is one; undefined for anything else. */
  read(stored: unknown): T | undefined;
}

/** Most entries that a list may have; `storage.sync` takes 8 KB for one setting. */
const MOST_ENTRIES = 100;
const MINUTES_PER_DAY = 24 * 60;

/** One entry for each setting: another build, another browser or a file may have written what is stored. */
export const SETTINGS: { [K in keyof Settings]: Setting<Settings[K]> } = {
  theme: oneOf(['system', 'light', 'dark']),
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
