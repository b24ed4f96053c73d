import { z } from 'zod';
import { browser } from 'wxt/browser';
import { TERMINAL_COMMAND_NAMES } from './terminal-commands.ts';

/** Text sizes that stay readable and leave a usable number of columns, CSS px. */
export const FONT_PX = { min: 8, usual: 14, max: 32 };

const Keys = z.partialRecord(
  z.enum(TERMINAL_COMMAND_NAMES),
  z.array(z.string().min(1).max(40)).max(8),
);

/** How terminals behave, on every hub. A field that an older or newer build wrote otherwise falls back by itself. */
const TerminalSettings = z.object({
  /** CSS px; a hub may have its own (`lib/hub-memory.ts`). */
  fontPx: z.number().min(FONT_PX.min).max(FONT_PX.max).catch(FONT_PX.usual),
  /** A font that this computer has, before the bundled one; empty for none. */
  fontFamily: z
    .string()
    .max(80)
    .regex(/^[^"'\\;{}<>]*$/)
    .catch(''),
  copyOnSelect: z.boolean().catch(false),
  /** Whether to ask before several lines are pasted into a program that runs each as it arrives. */
  confirmPaste: z.boolean().catch(true),
  /** Mirrors the screen for screen readers, which costs speed. */
  screenReader: z.boolean().catch(false),
  /** Option is Meta on a Mac, instead of typing special characters. */
  macOptionIsMeta: z.boolean().catch(false),
  showBar: z.boolean().catch(true),
  /** Keys by command, where they are not the default ones. */
  keys: Keys.catch({} as z.infer<typeof Keys>),
});
export type TerminalSettings = z.infer<typeof TerminalSettings>;

const KEY = 'terminal';

/** The stored settings; what is not stored is as usual. */
export async function readTerminalSettings(): Promise<TerminalSettings> {
  return settingsOf((await browser.storage.local.get(KEY))[KEY]);
}

/** Changes some settings and keeps the others. */
export async function changeTerminalSettings(change: Partial<TerminalSettings>): Promise<void> {
  const settings = { ...(await readTerminalSettings()), ...change };
  await browser.storage.local.set({ [KEY]: settings });
}

/** Calls back after every change, whichever page made it. Returns the way to stop it. */
export function followTerminalSettings(
  onSettings: (settings: TerminalSettings) => void,
): () => void {
  const listener = (changes: Record<string, { newValue?: unknown }>, area: string) => {
    if (area === 'local' && KEY in changes) onSettings(settingsOf(changes[KEY]?.newValue));
  };
  browser.storage.onChanged.addListener(listener);
  return () => browser.storage.onChanged.removeListener(listener);
}

/** What storage holds, or as usual where that makes no sense. */
function settingsOf(stored: unknown): TerminalSettings {
  return TerminalSettings.parse(typeof stored === 'object' && stored !== null ? stored : {});
}
