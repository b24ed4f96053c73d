import { terminalScheme, type TerminalScheme } from './terminal-themes.ts';

/** Calls back with the colours of a page's terminal, now and whenever the system or a setting (`lib/theme.ts`) changes them. */
export function followScheme(onScheme: (scheme: TerminalScheme) => void): () => void {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const contrast = matchMedia('(prefers-contrast: more)');
  const tell = () => {
    const chosen = root.dataset['theme'];
    const isDark = chosen === undefined ? dark.matches : chosen === 'dark';
    const fixed = root.dataset['terminalTheme'] as TerminalScheme | undefined;
    onScheme(fixed ?? terminalScheme(isDark, contrast.matches));
  };
  const observer = new MutationObserver(tell);
  observer.observe(root, { attributeFilter: ['data-theme', 'data-terminal-theme'] });
  dark.addEventListener('change', tell);
  contrast.addEventListener('change', tell);
  tell();
  return () => {
    observer.disconnect();
    dark.removeEventListener('change', tell);
    contrast.removeEventListener('change', tell);
  };
}
