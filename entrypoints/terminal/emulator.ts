import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { Terminal } from '@xterm/xterm';
import { keyUse, NEW_LINE } from '../../components/terminal-keys.ts';
import {
  FIND_COLOURS,
  MINIMUM_CONTRAST,
  TERMINAL_THEMES,
  type TerminalScheme,
} from '../../components/terminal-themes.ts';
import { textToCopy } from '../../lib/osc52.ts';
import { progressOf, type Progress } from '../../lib/progress.ts';
import { SyncOutput } from '../../lib/sync-output.ts';
import type { TerminalCommand } from '../../lib/commands.ts';
import type { Settings } from '../../lib/settings-table.ts';
import { tmuxWidths, type WidthProvider } from '../../lib/tmux-widths.ts';
import { takeIncoming, type Incoming } from './incoming.ts';
import { followLinks, linkHandler, type LinkEvents } from './links.ts';
import { followScheme } from '../../components/follow-scheme.ts';

/** Braille, and signs of agents' interfaces, are in fonts of their own: see `components/fonts.css`. */
const FONTS =
  "'JetBrains Mono NL', 'Hubtab Symbols', ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'Symbols Nerd Font Mono', monospace";
/** A font that does not load must not keep a terminal from opening: the next one in the list does. */
const FONT_WAIT_MS = 2000;
/** Sequences that xterm.js 6.0 repeats as often as they say: lines and scrolls, tabs, the last character. */
const REPEATING = 'LMSTIZb';
/** More than any screen has cells to repeat for: such a number only stops the page. */
const MAX_REPEATS = 10_000;
/** Until the hub said which version it has. */
const USUAL_TMUX = '3.3a';

/**
 * Ends what a lost attachment left behind, without touching the text: a sequence cut in half (CAN), then modes by soft
 * reset, then what a soft reset leaves on: mouse reports, focus reports, bracketed paste, held output.
 */
const RESET_MODES = `\u0018\u001b[!p${[
  9, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026,
]
  .map((mode) => `\u001b[?${mode}l`)
  .join('')}`;

/** The part of the settings that an emulator obeys. */
export type Look = Pick<
  Settings,
  'fontPx' | 'fontFamily' | 'screenReader' | 'macOptionIsMeta' | 'copyOnSelect' | 'keys'
>;

export interface Emulator {
  readonly cols: number;
  readonly rows: number;
  readonly selection: string;
  /** Whether the program takes pasted text as one piece, and runs nothing of it by itself. */
  readonly takesPasteWhole: boolean;
  write(bytes: Uint8Array, done: () => void): void;
  /** A new attachment begins: nothing of the old one may go on. */
  resetModes(): void;
  /** Types text as a paste. It must be safe (`safePaste`). */
  paste(text: string): void;
  newLine(): void;
  /** Types keys; arrow keys as the program wants them. */
  type(keys: string): void;
  apply(look: Look): void;
  /** Counts widths as this version of tmux does. Returns whether that is another way than before. */
  countLike(tmuxVersion: string): boolean;
  /** Marks every match and goes to the next one. Returns by the event `onFound`. */
  find(query: string, direction: 'next' | 'previous'): void;
  endFind(): void;
  focus(): void;
  dispose(): void;
}

export interface EmulatorEvents extends Incoming, LinkEvents {
  /** Bytes typed, pasted, or answered by the emulator itself. */
  onInput: (bytes: Uint8Array) => void;
  onResize: (cols: number, rows: number) => void;
  onTitle: (title: string) => void;
  onCommand: (command: TerminalCommand) => void;
  onBell: () => void;
  /** How far the program says that it is; null once that is over. */
  onProgress: (progress: Progress | null) => void;
  /** The wheel moved where no program asked for the mouse; up is -1. */
  onWheel: (direction: -1 | 1) => void;
  /** A program on the hub wants to put text on the clipboard. */
  onCopyAsked: (text: string) => void;
  /** The person selected text; only told with the setting for it. */
  onSelected: (text: string) => void;
  onFound: (matches: { index: number; count: number }) => void;
}

/** Loads the font; xterm.js measures cells when it opens, and would measure the fallback's. */
export async function loadFont(): Promise<void> {
  const faces = ['400', '700', 'italic 400', 'italic 700'];
  const loading = Promise.all(
    faces.map((face) => document.fonts.load(`${face} 14px 'JetBrains Mono NL'`)),
  );
  const late = new Promise((resolve) => setTimeout(resolve, FONT_WAIT_MS));
  await Promise.race([loading.catch(() => undefined), late]);
}

/** Puts a terminal emulator into `host`, fitted to it from now on. The font must be loaded. */
export function openEmulator(host: HTMLElement, look: Look, events: EmulatorEvents): Emulator {
  let current = look;
  let scheme: TerminalScheme = 'light';
  const term: Terminal = new Terminal({
    allowProposedApi: true, // for `unicode` and the marks of `find`
    cursorStyle: 'block',
    cursorInactiveStyle: 'outline',
    fontWeightBold: 700,
    // JetBrains Mono is 1.32 em high by itself, and xterm.js multiplies that: 1 gives ui.md's 1.3, and boxes join.
    lineHeight: 1,
    // tmux draws on the alternate screen, which scrolls nothing off; this is for what comes before it.
    scrollback: 1000,
    linkHandler: linkHandler(() => term, events),
    ...optionsOf(look),
  });
  const fit = new FitAddon();
  const search = new SearchAddon();
  const sync = new SyncOutput();
  term.loadAddon(fit);
  term.loadAddon(search);
  const countLike = widthsOf(term);
  countLike(USUAL_TMUX);
  const stops = [
    followScheme((next) => {
      scheme = next;
      term.options.theme = TERMINAL_THEMES[scheme];
      term.options.minimumContrastRatio = MINIMUM_CONTRAST[scheme];
    }),
    followLinks(term, events),
    takeIncoming(host, events),
  ];
  term.attachCustomKeyEventHandler((event) =>
    handleKey(event, keyUse(event, current.keys, events.isMac, term.hasSelection()), events),
  );
  term.attachCustomWheelEventHandler((event) => {
    if (term.modes.mouseTrackingMode !== 'none' || event.deltaY === 0) return true;
    if (term.buffer.active.type !== 'alternate') return true;
    event.preventDefault();
    events.onWheel(event.deltaY < 0 ? -1 : 1);
    return false;
  });
  term.open(host);
  (host as HTMLElement & { hubtabTerminal?: Terminal }).hubtabTerminal = term; // tests read the screen
  stops.push(keepFitted(host, fit));

  const encoder = new TextEncoder();
  term.onData((text) => events.onInput(encoder.encode(text)));
  term.onBinary((text) => events.onInput(Uint8Array.from(text, (char) => char.charCodeAt(0))));
  term.onResize(({ cols, rows }) => events.onResize(cols, rows));
  term.onTitleChange(events.onTitle);
  term.onBell(events.onBell);
  term.parser.registerOscHandler(52, (data) => {
    const text = textToCopy(data);
    if (text !== undefined) events.onCopyAsked(text);
    return true; // answered or not, nobody else may
  });
  term.parser.registerOscHandler(9, (data) => {
    const progress = progressOf(data);
    if (progress !== undefined) events.onProgress(progress);
    return true;
  });
  for (const final of REPEATING)
    term.parser.registerCsiHandler({ final }, ([count]) => Number(count) > MAX_REPEATS);
  search.onDidChangeResults(({ resultIndex, resultCount }) =>
    events.onFound({ index: resultIndex, count: resultCount }),
  );
  const onMouseUp = () => {
    if (current.copyOnSelect && term.hasSelection()) events.onSelected(term.getSelection());
  };
  host.addEventListener('mouseup', onMouseUp);

  return {
    get cols() {
      return term.cols;
    },
    get rows() {
      return term.rows;
    },
    get selection() {
      return term.getSelection();
    },
    get takesPasteWhole() {
      return term.modes.bracketedPasteMode;
    },
    write: (bytes, done) => term.write(sync.take(bytes), done),
    resetModes() {
      sync.reset();
      term.write(RESET_MODES);
    },
    paste: (text) => term.paste(text),
    newLine: () => term.input(NEW_LINE),
    type: (keys) =>
      term.input(
        term.modes.applicationCursorKeysMode ? keys.replaceAll('\u001b[', '\u001bO') : keys,
      ),
    apply(next) {
      current = next;
      Object.assign(term.options, optionsOf(next));
      if (host.clientWidth > 0) fit.fit();
    },
    countLike,
    find(query, direction) {
      const options = { decorations: FIND_COLOURS[scheme], incremental: direction === 'next' };
      if (direction === 'next') search.findNext(query, options);
      else search.findPrevious(query, options);
    },
    endFind() {
      search.clearDecorations();
      term.clearSelection();
    },
    focus: () => term.focus(),
    dispose() {
      for (const stop of stops) stop();
      term.dispose();
    },
  };
}

function optionsOf(look: Look) {
  const { fontPx, fontFamily, screenReader, macOptionIsMeta } = look;
  return {
    fontSize: fontPx,
    fontFamily: fontFamily === '' ? FONTS : `'${fontFamily}', ${FONTS}`,
    screenReaderMode: screenReader,
    macOptionIsMeta,
  };
}

/** Returns false for keys that xterm.js shall leave alone. */
function handleKey(
  event: KeyboardEvent,
  use: ReturnType<typeof keyUse>,
  { onCommand }: EmulatorEvents,
): boolean {
  switch (use.kind) {
    case 'terminal':
      return true;
    case 'browser':
      return false;
    case 'swallow':
      event.preventDefault();
      return false;
    case 'command':
      event.preventDefault(); // else some browsers open their developer tools
      onCommand(use.command);
      return false;
  }
}

/** Gives the way to choose whose widths are counted. */
function widthsOf(term: Terminal): (tmuxVersion: string) => boolean {
  let table: WidthProvider | undefined;
  // The addon only registers its table; ours is made from it.
  const take = { unicode: { register: (provider: WidthProvider) => (table = provider) } };
  new Unicode11Addon().activate(take as unknown as Terminal);
  return (tmuxVersion) => {
    if (!table) throw new Error('invariant: the Unicode table registers itself');
    const widths = tmuxWidths(tmuxVersion, table);
    if (term.unicode.activeVersion === widths.version) return false;
    if (!term.unicode.versions.includes(widths.version)) term.unicode.register(widths);
    term.unicode.activeVersion = widths.version;
    return true;
  };
}

/** Fits at once and after every change of size, once a frame, and never to a host that is not laid out. */
function keepFitted(host: HTMLElement, fit: FitAddon): () => void {
  let frame = 0;
  const fitNow = () => {
    frame = 0;
    if (host.clientWidth > 0 && host.clientHeight > 0) fit.fit();
  };
  fitNow();
  const observer = new ResizeObserver(() => {
    frame ||= requestAnimationFrame(fitNow);
  });
  observer.observe(host);
  return () => {
    observer.disconnect();
    cancelAnimationFrame(frame);
  };
}
