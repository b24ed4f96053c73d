import { browser } from 'wxt/browser';

/** The colours of the pages: the system's, or always one of the two. */
export type ThemeChoice = 'system' | 'light' | 'dark';

const KEY = 'theme';

/** The stored choice; `system` if there is none, or none that can be understood. */
export async function readTheme(): Promise<ThemeChoice> {
  return themeOf((await browser.storage.local.get(KEY))[KEY]);
}

export async function storeTheme(choice: ThemeChoice): Promise<void> {
  await browser.storage.local.set({ [KEY]: choice });
}

/** Shows a page in the chosen colours, now and after every change. `root` is its `<html>`. */
export function applyTheme(root: HTMLElement): void {
  const show = (choice: ThemeChoice) => {
    if (choice === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = choice;
  };
  browser.storage.onChanged.addListener((changes, area) => {
    if (area === 'local' && KEY in changes) show(themeOf(changes[KEY]?.newValue));
  });
  // Unreadable storage leaves the system's colours, which are never wrong.
  readTheme().then(show, () => undefined);
}

function themeOf(stored: unknown): ThemeChoice {
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}
