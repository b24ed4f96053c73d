import { browser } from 'wxt/browser';
import { SETTINGS, type Settings } from './settings-table.ts';

/** Stands before a setting's name in `storage.sync`: one key each, so that two browsers that change two do not collide. */
const PREFIX = 'set.';

/** Every setting; what was never chosen, or cannot be understood, is as it was at first. */
export async function readSettings(): Promise<Settings> {
  return settingsOf(await browser.storage.sync.get(null));
}

/** Stores one choice. It reaches the person's other browsers, so nothing secret may be a setting. */
export async function storeSetting<K extends keyof Settings>(
  name: K,
  value: Settings[K],
): Promise<void> {
  await browser.storage.sync.set({ [PREFIX + name]: value });
}

/** Stores several choices at once. */
export async function storeSettings(choices: Partial<Settings>): Promise<void> {
  const entries = Object.entries(choices).map(([name, value]) => [PREFIX + name, value]);
  await browser.storage.sync.set(Object.fromEntries(entries));
}

/** Calls back with all settings after every change of one. Returns the way to stop it. */
export function followSettings(onSettings: (settings: Settings) => void): () => void {
  const listener = (changes: Record<string, unknown>, area: string) => {
    if (area !== 'sync' || !Object.keys(changes).some((key) => key.startsWith(PREFIX))) return;
    void readSettings().then(onSettings);
  };
  browser.storage.onChanged.addListener(listener);
  return () => browser.storage.onChanged.removeListener(listener);
}

function settingsOf(stored: Record<string, unknown>): Settings {
  const entries = Object.entries(SETTINGS).map(([name, { first, read }]) => [
    name,
    read(stored[PREFIX + name]) ?? first,
  ]);
  return Object.fromEntries(entries) as Settings; // one entry for each setting
}
