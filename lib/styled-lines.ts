/** How a piece of text looks. Colours are a number of the palette, or `#rrggbb`; unset for the page's own. */
export interface TextStyle {
  colour?: number | string;
  background?: number | string;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
  strike?: boolean;
  inverse?: boolean;
  /** Where a link leads that the program made (OSC 8); unchecked. */
  link?: string;
}

interface StyledText {
  text: string;
  style: TextStyle;
}

export type StyledLine = StyledText[];

/** What `capture-pane -e` writes besides text: colours, links, and shifts to line drawing; the rest means nothing here. */
const SEQUENCE =
  /\u001b\[([0-9;:]*)([A-Za-z])|\u001b\](?:8;[^;\u0007\u001b]*;([^\u0007\u001b]*)|[^\u0007\u001b]*)(?:\u0007|\u001b\\)|[\u000e\u000f]|\u001b./g;

/** DEC line drawing, as tmux writes it between SO and SI: from ` to ~, and a few signs besides. */
const LINE_DRAWING = '◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·';
const DRAWN_SIGNS: Partial<Record<string, string>> = {
  '+': '→',
  ',': '←',
  '-': '↑',
  '.': '↓',
  '0': '▮',
};
/** No place for what cannot be seen, not even in a page that only shows text. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Reads lines with their colours, as tmux captures them. Colours go on from line to line. */
export function styledLines(text: string): StyledLine[] {
  let style: TextStyle = {};
  let isDrawing = false;
  return text.split('\n').map((line) => {
    const parts: StyledLine = [];
    const add = (raw: string) => {
      const shown = (isDrawing ? drawn(raw) : raw).replace(CONTROL, '');
      if (shown !== '') parts.push({ text: shown, style });
    };
    let from = 0;
    for (const match of line.matchAll(SEQUENCE)) {
      add(line.slice(from, match.index));
      from = match.index + match[0].length;
      const [whole, parameters, final, link] = match;
      if (final === 'm') style = restyled(style, parameters ?? '');
      else if (link !== undefined) style = withLink(style, link);
      else if (whole === '\u000e') isDrawing = true;
      else if (whole === '\u000f') isDrawing = false;
    }
    add(line.slice(from));
    return withoutEnd(parts);
  });
}

/** The text of a line without its looks. */
export function plainLine(line: StyledLine): string {
  return line.map(({ text }) => text).join('');
}

function drawn(text: string): string {
  return text.replace(
    /[+,.0`-~-]/g,
    (char) => DRAWN_SIGNS[char] ?? LINE_DRAWING[char.charCodeAt(0) - 0x60] ?? char,
  );
}

/** `-J` keeps the blanks at the end of lines: nobody means those that have no colour. */
function withoutEnd(parts: StyledLine): StyledLine {
  const last = parts.at(-1);
  if (!last || last.style.background !== undefined || last.style.inverse) return parts;
  const text = last.text.trimEnd();
  if (text === last.text) return parts;
  const rest = parts.slice(0, -1);
  return text === '' ? withoutEnd(rest) : [...rest, { ...last, text }];
}

function withLink({ link: _, ...style }: TextStyle, link: string): TextStyle {
  return link === '' ? style : { ...style, link };
}

const ATTRIBUTES: Partial<Record<number, Partial<TextStyle>>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  29: { strike: false },
};

function restyled(style: TextStyle, parameters: string): TextStyle {
  let next = style;
  // `4:3` is a kind of underline; `38:2::r:g:b` and `38;2;r;g;b` are the same colour.
  const codes = parameters
    .replace(/4:(\d)/g, (_, kind) => (kind === '0' ? '24' : '4'))
    .replace(/([34]8):2::?/g, '$1:2:')
    .split(/[;:]/)
    .map(Number);
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48 || code === 58) {
      const [colour, used] = colourOf(codes.slice(i + 1));
      i += used;
      if (code !== 58) next = withColour(next, code === 38 ? 'colour' : 'background', colour);
    } else next = withCode(next, code);
  }
  return next;
}

function withCode(style: TextStyle, code: number): TextStyle {
  if (code === 0) return style.link === undefined ? {} : { link: style.link };
  if (code >= 30 && code <= 37) return withColour(style, 'colour', code - 30);
  if (code >= 90 && code <= 97) return withColour(style, 'colour', code - 82);
  if (code >= 40 && code <= 47) return withColour(style, 'background', code - 40);
  if (code >= 100 && code <= 107) return withColour(style, 'background', code - 92);
  if (code === 39) return withColour(style, 'colour', undefined);
  if (code === 49) return withColour(style, 'background', undefined);
  return { ...style, ...ATTRIBUTES[code] };
}

function withColour(
  style: TextStyle,
  which: 'colour' | 'background',
  colour: number | string | undefined,
): TextStyle {
  const { [which]: _, ...rest } = style;
  return colour === undefined ? rest : { ...rest, [which]: colour };
}

/** The colour after 38 or 48, and how many codes it took. */
function colourOf([kind, ...codes]: number[]): [number | string | undefined, number] {
  const isByte = (code: number | undefined): code is number =>
    code !== undefined && code >= 0 && code <= 255;
  if (kind === 5) return [isByte(codes[0]) ? codes[0] : undefined, 2];
  if (kind !== 2) return [undefined, 0];
  const rgb = codes.slice(0, 3);
  if (rgb.length < 3 || !rgb.every(isByte)) return [undefined, 4];
  return [`#${rgb.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`, 4];
}
