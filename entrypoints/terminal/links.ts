import type { IBufferRange, ILink, ILinkHandler, ILinkProvider, Terminal } from '@xterm/xterm';
import { findLinks, type LinkTarget } from '../../lib/links.ts';

/** A link under the pointer, or one that was clicked. */
export interface ScreenLink {
  target: LinkTarget;
  /** The text on the screen. */
  shown: string;
}

export interface LinkEvents {
  /** The pointer is on a link; undefined when it left. */
  onHover: (link: ScreenLink | undefined) => void;
  /** A link was clicked with Ctrl, on a Mac with Cmd: a plain click is the program's, or begins a selection. */
  onOpen: (link: ScreenLink) => void;
  isMac: boolean;
}

/** Finds addresses, files and issue numbers on the screen. Returns the way to stop it. */
export function followLinks(term: Terminal, events: LinkEvents): () => void {
  const provider: ILinkProvider = {
    provideLinks(y, give) {
      const links = linksOfLine(term, y, events);
      give(links.length > 0 ? links : undefined);
    },
  };
  const registered = term.registerLinkProvider(provider);
  return () => registered.dispose();
}

/** What to do with links that a program made itself (OSC 8). The emulator hands over http and https only. */
export function linkHandler(term: () => Terminal, events: LinkEvents): ILinkHandler {
  const linkOf = (url: string, range: IBufferRange): ScreenLink => ({
    target: { kind: 'url', url },
    shown: textOf(term(), range),
  });
  return {
    activate: (event, url, range) => {
      if (isMeant(event, events.isMac)) events.onOpen(linkOf(url, range));
    },
    hover: (_, url, range) => events.onHover(linkOf(url, range)),
    leave: () => events.onHover(undefined),
  };
}

function isMeant(event: MouseEvent, isMac: boolean): boolean {
  return isMac ? event.metaKey : event.ctrlKey;
}

function linksOfLine(term: Terminal, y: number, events: LinkEvents): ILink[] {
  const { text, cells } = wrappedLine(term, y - 1);
  return findLinks(text).flatMap(({ start, end, ...target }): ILink[] => {
    const [first, last] = [cells[start], cells[end - 1]];
    if (!first || !last || first.y > y || last.y < y) return [];
    const shown = text.slice(start, end);
    const link = { target, shown };
    return [
      {
        range: { start: { x: first.x, y: first.y }, end: { x: last.x, y: last.y } },
        text: shown,
        activate: (event) => isMeant(event, events.isMac) && events.onOpen(link),
        hover: () => events.onHover(link),
        leave: () => events.onHover(undefined),
      },
    ];
  });
}

/** Longest wrapped line that is put together, rows: a program that never writes a newline must not stop the page. */
const MAX_ROWS = 32;

/** A line with what wrapped into the next rows, and where each of its UTF-16 units stands; positions start at 1. */
function wrappedLine(
  term: Terminal,
  row: number,
): { text: string; cells: { x: number; y: number }[] } {
  const buffer = term.buffer.active;
  let first = row;
  while (buffer.getLine(first)?.isWrapped && row - first < MAX_ROWS) first -= 1;
  let text = '';
  const cells: { x: number; y: number }[] = [];
  for (let y = first; y - first < 2 * MAX_ROWS; y += 1) {
    const line = buffer.getLine(y);
    if (!line || (y > first && !line.isWrapped)) break;
    for (let x = 0; x < term.cols; x += 1) {
      const cell = line.getCell(x);
      if (!cell || cell.getWidth() === 0) continue;
      const chars = cell.getChars() || ' ';
      for (let i = 0; i < chars.length; i += 1) cells.push({ x: x + 1, y: y + 1 });
      text += chars;
    }
  }
  return { text, cells };
}

function textOf(term: Terminal, { start, end }: IBufferRange): string {
  const parts: string[] = [];
  for (let y = start.y; y <= end.y && y - start.y < MAX_ROWS; y += 1) {
    const line = term.buffer.active.getLine(y - 1);
    const from = y === start.y ? start.x - 1 : 0;
    parts.push(line?.translateToString(false, from, y === end.y ? end.x : term.cols) ?? '');
  }
  return parts.join('');
}
