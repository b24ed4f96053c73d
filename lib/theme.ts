import { followSettings, readSettings } from './settings.ts';
import type { Settings } from './settings-table.ts';

/** Shows a page and its terminal in the chosen colours, now and after every change. `root` is its `<html>`. */
export function applyTheme(root: HTMLElement): void {
  const show = ({ theme, terminalTheme }: Pick<Settings, 'theme' | 'terminalTheme'>) => {
    if (theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
    if (terminalTheme === 'page') delete root.dataset['terminalTheme'];
    else root.dataset['terminalTheme'] = terminalTheme;
  };
  followSettings(show);
  // Unreadable storage leaves the system's colours, which are never wrong.
  readSettings().then(show, () => undefined);
}
