import { followSettings, readSettings } from './settings.ts';

/** Shows a page in the chosen colours, now and after every change. `root` is its `<html>`. */
export function applyTheme(root: HTMLElement): void {
  const show = ({ theme }: { theme: string }) => {
    if (theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
  };
  followSettings(show);
  // Unreadable storage leaves the system's colours, which are never wrong.
  readSettings().then(show, () => undefined);
}
