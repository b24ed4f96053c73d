import { checkLink, findLinks } from '../lib/links.ts';
import { plainLine, type StyledLine, type TextStyle } from '../lib/styled-lines.ts';
import { paletteColour } from './terminal-colours.ts';

/** Lines in one block: the browser lays out only the blocks in sight. */
const BLOCK_LINES = 200;
/** Height of a line that does not wrap, CSS px; `history.css` sets it. */
const LINE_PX = 20;

/**
 * Builds the lines of a history as elements, far faster than a tree of components would. Everything in them is text of a
 * hub: it enters as text nodes and checked links alone.
 * @param hrefOf address of a line's number
 */
export function historyBlocks(
  lines: readonly StyledLine[],
  hrefOf: (number: number) => string,
): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (let from = 0; from < lines.length; from += BLOCK_LINES) {
    const block = document.createElement('div');
    const part = lines.slice(from, from + BLOCK_LINES);
    block.className = 'block';
    block.style.containIntrinsicBlockSize = `auto ${part.length * LINE_PX}px`;
    block.append(...part.map((line, index) => lineElement(line, from + index + 1, hrefOf)));
    fragment.append(block);
  }
  return fragment;
}

function lineElement(
  line: StyledLine,
  number: number,
  hrefOf: (number: number) => string,
): HTMLElement {
  const row = document.createElement('div');
  row.className = 'l';
  row.dataset['line'] = String(number);
  const anchor = document.createElement('a');
  anchor.href = hrefOf(number);
  anchor.textContent = String(number);
  const text = document.createElement('span');
  text.append(...textNodes(line));
  row.append(anchor, text);
  return row;
}

function textNodes(line: StyledLine): Node[] {
  const whole = plainLine(line);
  const links = whole.includes('://') ? findLinks(whole).filter(({ kind }) => kind === 'url') : [];
  let at = 0;
  return line.flatMap(({ text, style }) => {
    const start = at;
    at += text.length;
    if (style.link !== undefined) return [linked(style.link, text, style)];
    const nodes: Node[] = [];
    let from = 0;
    for (const link of links) {
      if (link.kind !== 'url' || link.start < start || link.end > at) continue;
      nodes.push(styled(text.slice(from, link.start - start), style));
      nodes.push(linked(link.url, text.slice(link.start - start, link.end - start), style));
      from = link.end - start;
    }
    nodes.push(styled(text.slice(from), style));
    return nodes;
  });
}

function linked(address: string, text: string, style: TextStyle): Node {
  const check = checkLink(address, text);
  if (!check.ok) return styled(text, style);
  const anchor = document.createElement('a');
  anchor.href = check.url;
  anchor.title = check.url;
  anchor.target = '_blank';
  anchor.rel = 'noopener noreferrer';
  anchor.append(styled(text, style));
  return anchor;
}

function styled(text: string, style: TextStyle): Node {
  const node = document.createTextNode(text);
  if (Object.keys(style).length === 0) return node;
  const span = document.createElement('span');
  const { colour, background } = style.inverse
    ? { colour: style.background ?? 'var(--t-bg)', background: style.colour ?? 'var(--t-fg)' }
    : style;
  if (colour !== undefined) span.style.color = cssColour(colour);
  if (background !== undefined) span.style.backgroundColor = cssColour(background);
  if (style.bold) span.style.fontWeight = '700';
  if (style.dim) span.style.opacity = '0.75';
  if (style.italic) span.style.fontStyle = 'italic';
  const lines = [style.underline && 'underline', style.strike && 'line-through'].filter(Boolean);
  if (lines.length > 0) span.style.textDecorationLine = lines.join(' ');
  span.append(node);
  return span;
}

function cssColour(colour: number | string): string {
  return typeof colour === 'number' ? paletteColour(colour) : colour;
}
