import { useEffect, useMemo, useState } from 'preact/hooks';
import type { RefObject } from 'preact';
import { findInLines, type LineMatch } from '../../lib/find-in-lines.ts';

/** Matches that are marked in the text; more would slow every scroll. */
const MAX_MARKS = 2000;

export interface Marks {
  matches: LineMatch[];
  /** The match that is gone to. */
  current: number;
  step: (by: 1 | -1) => void;
}

/** Finds a query in the lines and marks it with the browser's highlights, which leave the page's elements alone. */
export function useMarks(
  texts: readonly string[],
  query: string,
  root: RefObject<HTMLElement>,
): Marks {
  const matches = useMemo(() => findInLines(texts, query), [texts, query]);
  const [current, setCurrent] = useState(0);
  const [steps, setSteps] = useState(0);
  // The newest match first: what one looks for in a history was mostly just there.
  useEffect(() => setCurrent(Math.max(0, matches.length - 1)), [matches]);

  useEffect(() => {
    const from = Math.max(0, Math.min(current - MAX_MARKS / 2, matches.length - MAX_MARKS));
    const near = matches.slice(from, from + MAX_MARKS);
    const ranges = near.flatMap((match) => rangeOf(root.current, match) ?? []);
    CSS.highlights.set('match', new Highlight(...ranges));
    const now = matches[current];
    const range = now && rangeOf(root.current, now);
    CSS.highlights.set('now', new Highlight(...(range ? [range] : [])));
    if (range) range.startContainer.parentElement?.scrollIntoView({ block: 'center' });
  }, [matches, current, steps]);

  return {
    matches,
    current: Math.min(current, Math.max(0, matches.length - 1)),
    step(by) {
      if (matches.length === 0) return;
      setCurrent((at) => (at + by + matches.length) % matches.length);
      setSteps((count) => count + 1);
    },
  };
}

function rangeOf(root: HTMLElement | null, { line, start, end }: LineMatch): Range | undefined {
  const text = root?.querySelector(`[data-line="${line + 1}"] > span`);
  if (!text) return undefined;
  const range = document.createRange();
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let at = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.textContent?.length ?? 0;
    if (at <= start && start < at + length) range.setStart(node, start - at);
    if (end <= at + length) {
      range.setEnd(node, end - at);
      return range;
    }
    at += length;
  }
  return undefined;
}
