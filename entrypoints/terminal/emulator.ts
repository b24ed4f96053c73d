import { FitAddon } from '@xterm/addon-fit';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { Terminal } from '@xterm/xterm';
import { keyUse, NEW_LINE, safePaste } from '../../components/terminal-keys.ts';
import { MINIMUM_CONTRAST, TERMINAL_THEMES } from '../../components/terminal-themes.ts';
import { followScheme } from './scheme.ts';

const FONT = "'JetBrains Mono NL'";
const FONT_PX = 14;
/** A font that does not load must not keep a terminal from opening: the next one in the list does. */
const FONT_WAIT_MS = 2000;

/**
 * Ends what a lost attachment left behind, without touching the text: a sequence cut in half (CAN), then modes by soft
 * reset, then what a soft reset leaves on: mouse reports, focus reports, bracketed paste, held output.
 */
const RESET_MODES = `\u0018\u001b[!p${[
  9, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026,
]
  .map((mode) => `\u001b[?${mode}l`)
  .join('')}`;

export interface Emulator {
  readonly cols: number;
  readonly rows: number;
  write(bytes: Uint8Array, done: () => void): void;
  resetModes(): void;
  focus(): void;
  dispose(): void;
}

export interface EmulatorEvents {
  /** Bytes typed, pasted, or answered by the emulator itself. */
  onInput: (bytes: Uint8Array) => void;
  onResize: (cols: number, rows: number) => void;
  onTitle: (title: string) => void;
}

/** Loads the font; xterm.js measures cells when it opens, and would measure the fallback's. */
export async function loadFont(): Promise<void> {
  const faces = ['400', '700', 'italic 400', 'italic 700'];
  const loading = Promise.all(
    faces.map((face) => document.fonts.load(`${face} ${FONT_PX}px ${FONT}`)),
  );
  const late = new Promise((resolve) => setTimeout(resolve, FONT_WAIT_MS));
  await Promise.race([loading.catch(() => undefined), late]);
}

/** Puts a terminal emulator into `host`, fitted to it from now on. The font must be loaded. */
export function openEmulator(host: HTMLElement, events: EmulatorEvents): Emulator {
  const term = new Terminal({
    allowProposedApi: true, // for `unicode`
    cursorStyle: 'block',
    cursorInactiveStyle: 'outline',
    fontFamily: `${FONT}, ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace`,
    fontSize: FONT_PX,
    fontWeightBold: 700,
    // JetBrains Mono is 1.32 em high by itself, and xterm.js multiplies that: 1 gives ui.md's 1.3, and boxes join.
    lineHeight: 1,
    scrollback: 1000,
  });
  const fit = new FitAddon();
  term.loadAddon(fit);
  term.loadAddon(new Unicode11Addon());
  term.unicode.activeVersion = '11'; // what tmux counts: facts/terminal.md 4
  const stopScheme = followScheme((scheme) => {
    term.options.theme = TERMINAL_THEMES[scheme];
    term.options.minimumContrastRatio = MINIMUM_CONTRAST[scheme];
  });
  term.attachCustomKeyEventHandler((event) => handleKey(term, event));
  term.open(host);
  (host as HTMLElement & { hubtabTerminal?: Terminal }).hubtabTerminal = term; // tests read the screen

  const encoder = new TextEncoder();
  term.onData((text) => events.onInput(encoder.encode(text)));
  term.onBinary((text) => events.onInput(Uint8Array.from(text, (char) => char.charCodeAt(0))));
  term.onResize(({ cols, rows }) => events.onResize(cols, rows));
  term.onTitleChange(events.onTitle);
  const stopFitting = keepFitted(host, fit);
  const stopPaste = cleanPastes(host, term);

  return {
    get cols() {
      return term.cols;
    },
    get rows() {
      return term.rows;
    },
    write: (bytes, done) => term.write(bytes, done),
    resetModes: () => term.write(RESET_MODES),
    focus: () => term.focus(),
    dispose() {
      stopScheme();
      stopFitting();
      stopPaste();
      term.dispose();
    },
  };
}

/** Returns false for keys that xterm.js shall leave alone. */
function handleKey(term: Terminal, event: KeyboardEvent): boolean {
  const use = keyUse(event);
  switch (use) {
    case 'terminal':
      return true;
    case 'browser':
      return false;
    case 'swallow':
      event.preventDefault();
      return false;
    case 'new-line':
      event.preventDefault();
      term.input(NEW_LINE);
      return false;
    case 'copy':
      event.preventDefault(); // else some browsers open their developer tools
      if (term.hasSelection()) void navigator.clipboard.writeText(term.getSelection());
      return false;
  }
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

/** Takes paste events before xterm.js does, which would pass an end-of-paste mark in the text on to the program. */
function cleanPastes(host: HTMLElement, term: Terminal): () => void {
  const onPaste = (event: ClipboardEvent) => {
    event.preventDefault();
    event.stopPropagation();
    const text = safePaste(event.clipboardData?.getData('text/plain') ?? '');
    if (text !== '') term.paste(text);
  };
  host.addEventListener('paste', onPaste, true);
  return () => host.removeEventListener('paste', onPaste, true);
}
