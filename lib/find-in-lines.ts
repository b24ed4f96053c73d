/** Where something was found: a line, from 0, and positions in its text, in UTF-16 units. */
export interface LineMatch {
  line: number;
  start: number;
  end: number;
}

/** More than anybody steps through; beyond it only the first ones are known. */
export const MAX_MATCHES = 10_000;

/** Finds a text in lines. Capitals count only when the query has some. */
export function findInLines(lines: readonly string[], query: string): LineMatch[] {
  if (query === '') return [];
  const isExact = query !== query.toLowerCase();
  const matches: LineMatch[] = [];
  for (const [line, text] of lines.entries()) {
    // Lower case may change the length of a text; then positions would be wrong.
    const lower = text.toLowerCase();
    const [inText, wanted] =
      isExact || lower.length !== text.length ? [text, query] : [lower, query.toLowerCase()];
    for (
      let at = inText.indexOf(wanted);
      at >= 0;
      at = inText.indexOf(wanted, at + wanted.length)
    ) {
      matches.push({ line, start: at, end: at + wanted.length });
      if (matches.length === MAX_MATCHES) return matches;
    }
  }
  return matches;
}
