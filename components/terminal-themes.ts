export type TerminalScheme = 'light' | 'dark' | 'high-contrast';

/** Normal then bright, in ANSI order: black, red, green, yellow, blue, magenta, cyan, white. Figures are in ui.md 7. */
type Sixteen = [normal: string, bright: string];

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
const BRIGHT_NAMES = [
  'brightBlack',
  'brightRed',
  'brightGreen',
  'brightYellow',
  'brightBlue',
  'brightMagenta',
  'brightCyan',
  'brightWhite',
] as const;

/** The part of xterm.js's theme that we set. */
type TerminalTheme = Record<
  | (typeof NAMES)[number]
  | (typeof BRIGHT_NAMES)[number]
  | 'foreground'
  | 'background'
  | 'cursor'
  | 'cursorAccent'
  | 'selectionBackground'
  | 'selectionInactiveBackground'
  | 'scrollbarSliderBackground'
  | 'scrollbarSliderHoverBackground'
  | 'scrollbarSliderActiveBackground',
  string
>;

export const TERMINAL_THEMES: Record<TerminalScheme, TerminalTheme> = {
  light: theme(
    { foreground: '#1b1d22', background: '#ffffff', selection: '#cfe2ff', scrollbar: '#15171c' },
    [
      '#1b1d22 #b3202a #19693a #7a5300 #0a58c0 #8a2fb0 #0b6773 #626873',
      '#5b606b #97141d #0f552b #634200 #07479e #702392 #075560 #3d424c',
    ],
  ),
  dark: theme(
    { foreground: '#dfe2e8', background: '#121316', selection: '#264a7a', scrollbar: '#eceef2' },
    [
      '#2b2e35 #ff8585 #6fcf8a #e6b450 #78b2ff #d99bf0 #5fd0d6 #c8ccd4',
      '#8b919e #ffa8a8 #97e3ab #ffd280 #a6ceff #e9bdfb #93e6ea #ffffff',
    ],
  ),
  'high-contrast': theme(
    { foreground: '#ffffff', background: '#000000', selection: '#0b5cad', scrollbar: '#ffffff' },
    [
      '#3a3a3a #ff9494 #62f08c #ffe066 #94caff #f7adff #70f0f5 #f0f0f0',
      '#bdbdbd #ffb8b8 #9dffb8 #fff0a8 #bfe0ff #fbd0ff #adfaff #ffffff',
    ],
  ),
};

/** Lifts text that a program put on a background too like it. */
export const MINIMUM_CONTRAST: Record<TerminalScheme, number> = {
  light: 4.5,
  dark: 4.5,
  'high-contrast': 7,
};

/** Marks of what was found: all matches, and the one that is gone to. The search addon takes six digits only. */
export const FIND_COLOURS = {
  light: findColours('#ffe08a', '#f0a51d'),
  dark: findColours('#5c4410', '#f2b33d'),
  'high-contrast': findColours('#5c4410', '#f2b33d'),
} satisfies Record<TerminalScheme, object>;

function findColours(match: string, active: string) {
  return {
    matchBackground: match,
    matchOverviewRuler: match,
    activeMatchBackground: active,
    activeMatchColorOverviewRuler: active,
  };
}

/** The colours for a page: high contrast where the system asks for more, else those of the page. */
export function terminalScheme(isDark: boolean, wantsContrast: boolean): TerminalScheme {
  if (wantsContrast && isDark) return 'high-contrast';
  return isDark ? 'dark' : 'light';
}

/** A theme as CSS properties: `--t-fg`, `--t-bg`, and `--t-0` to `--t-15` in ANSI order. */
export function themeColours(colours: TerminalTheme): [name: string, colour: string][] {
  const sixteen = [...NAMES, ...BRIGHT_NAMES].map((name, index): [string, string] => [
    `--t-${index}`,
    colours[name],
  ]);
  return [['--t-fg', colours.foreground], ['--t-bg', colours.background], ...sixteen];
}

interface Base {
  foreground: string;
  background: string;
  selection: string;
  scrollbar: string;
}

function theme(base: Base, [normal, bright]: Sixteen): TerminalTheme {
  return {
    foreground: base.foreground,
    background: base.background,
    cursor: base.foreground,
    cursorAccent: base.background,
    selectionBackground: base.selection,
    selectionInactiveBackground: base.selection,
    scrollbarSliderBackground: `${base.scrollbar}33`,
    scrollbarSliderHoverBackground: `${base.scrollbar}55`,
    scrollbarSliderActiveBackground: `${base.scrollbar}77`,
    ...named(normal, NAMES),
    ...named(bright, BRIGHT_NAMES),
  };
}

function named<N extends string>(colours: string, names: readonly N[]): Record<N, string> {
  const list = colours.split(' ');
  const entries = names.map((name, index) => [name, list[index] ?? '']);
  return Object.fromEntries(entries) as Record<N, string>; // one entry for each name
}
