import { useEffect } from 'preact/hooks';
import { parseHistoryAddress } from '../../lib/terminal-address.ts';

/** Marks the lines that the address points at, and brings them into sight unless something else is looked for. */
export function useLineTarget(
  root: { current: HTMLElement | null },
  capture: object | undefined,
  scrolls: boolean,
): void {
  useEffect(() => {
    const show = () => {
      for (const row of root.current?.querySelectorAll('.pick') ?? []) row.classList.remove('pick');
      const parsed = parseHistoryAddress(location.hash);
      const range = parsed.ok ? parsed.value.lines : undefined;
      if (!range || !root.current) return;
      const last = Math.min(range.last, range.first + 5000);
      const rows = Array.from({ length: last - range.first + 1 }, (_, index) =>
        root.current?.querySelector(`[data-line="${range.first + index}"]`),
      );
      for (const row of rows) row?.classList.add('pick');
      if (scrolls) rows[0]?.scrollIntoView({ block: 'center' });
    };
    show();
    addEventListener('hashchange', show);
    return () => removeEventListener('hashchange', show);
  }, [capture]);
}
