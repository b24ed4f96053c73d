import { readSettings, storeSettings } from './settings.ts';
import { SETTINGS, type Settings } from './settings-table.ts';

/** What an exported file says of itself. */
const FORMAT = 1;

/** Names this account's hubs, which mean nothing to another account. */
const NOT_IN_FILES: keyof Settings = 'unwatchedHubs';

/** The settings as a file to keep. No secret is a setting. */
export async function exportSettings(): Promise<string> {
  const { [NOT_IN_FILES]: _, ...settings } = await readSettings();
  return `${JSON.stringify({ hubtab: FORMAT, settings }, null, 2)}\n`;
}

/**
 * Stores what an exported file holds. Unknown names and values that make no sense are left out: the file may be old, or
 * somebody else's.
 * @returns how many settings were taken; 0 for a file that is no export
 * @throws Error if the browser's storage refuses them
 */
export async function importSettings(text: string): Promise<number> {
  const given = settingsIn(text);
  const entries = Object.entries(SETTINGS).flatMap(([name, { read }]) => {
    const isGiven = name !== NOT_IN_FILES && Object.hasOwn(given, name);
    const value = isGiven ? read(given[name]) : undefined;
    return value === undefined ? [] : [[name, value]];
  });
  await storeSettings(Object.fromEntries(entries) as Partial<Settings>); // each was read by its own entry
  return entries.length;
}

function settingsIn(text: string): Record<string, unknown> {
  try {
    const { hubtab, settings } = JSON.parse(text) as Record<string, unknown>;
    const isOurs = hubtab === FORMAT && typeof settings === 'object' && settings !== null;
    return isOurs ? (settings as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
