import { useEffect, useRef } from 'preact/hooks';

interface HistoryKeys {
  input: { current: HTMLInputElement | null };
  lines: { current: HTMLElement | null };
  step: (by: 1 | -1) => void;
  refresh: () => void;
  openTerminal: () => void;
}

/** The keys of the page, as pagers have them. In the input only Ctrl+F is one. */
export function useHistoryKeys(keys: HistoryKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { input, lines, step, refresh, openTerminal } = latest.current;
      const isFind = (event.ctrlKey || event.metaKey) && event.key === 'f';
      const isTyping = event.target instanceof HTMLInputElement;
      if (!isFind && (isTyping || event.ctrlKey || event.metaKey || event.altKey)) return;
      const actions: Partial<Record<string, () => void>> = {
        '/': () => input.current?.select(),
        f: isFind ? () => input.current?.select() : undefined,
        n: () => step(-1),
        N: () => step(1),
        g: () => lines.current?.scrollTo({ top: 0 }),
        G: () => lines.current?.scrollTo({ top: lines.current.scrollHeight }),
        r: refresh,
        t: openTerminal,
      };
      const action = actions[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
