import { useEffect, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';
import { plainText } from '../../components/plain-text.ts';
import { handOver } from '../../lib/hand-over.ts';
import { parsePane } from '../../lib/hub-commands.ts';
import { runHubJob } from '../../lib/hub-job.ts';
import { changeHubMemory, type HubMemory } from '../../lib/hub-memory.ts';
import { openTerminalSession } from '../../lib/terminal-session.ts';
import type { Size } from '../../lib/session-size.ts';
import type { Settings } from '../../lib/settings-table.ts';
import type { TerminalSession, TerminalState } from '../../lib/terminal-state.ts';
import type { HubId } from '../../protocol/ids.ts';
import {
  loadFont,
  openEmulator,
  type Emulator,
  type EmulatorEvents,
  type Look,
} from './emulator.ts';

/** What the page hears of the emulator; its bytes and size go to the connection by themselves. */
export type PageEvents = Omit<EmulatorEvents, 'onInput' | 'onResize' | 'onTitle'>;

export interface TerminalUse {
  /** The element that becomes the screen. */
  host: RefObject<HTMLDivElement>;
  emulator: RefObject<Emulator>;
  state: TerminalState;
  /** Whether the session was ever seen on this page. */
  hadScreen: boolean;
  /** The last path that was measured. */
  lastPath: { via: string; rttMs: number } | undefined;
  /** Size of the screen; undefined before there is one. */
  size: Size | undefined;
  /** Title that the program set, without what cannot be seen. */
  title: string;
  retryNow: () => void;
}

interface Wanted {
  hubId: HubId;
  session: string;
  /** Undefined until it was read: the terminal opens then. */
  look: { settings: Settings; memory: HubMemory } | undefined;
  events: PageEvents;
}

/** The emulator and the connection behind a page. xterm.js owns what is inside the host; Preact never renders there. */
export function useTerminal({ hubId, session, look, events }: Wanted): TerminalUse {
  const host = useRef<HTMLDivElement>(null);
  const emulator = useRef<Emulator>(null);
  const connection = useRef<TerminalSession>();
  const hadScreen = useRef(false);
  const lastPath = useRef<{ via: string; rttMs: number }>();
  const latest = useRef(events);
  latest.current = events;
  const [title, setTitle] = useState('');
  const [size, setSize] = useState<Size>();
  const [state, setState] = useState<TerminalState>(() => ({
    kind: 'connecting',
    sinceMs: Date.now(),
    done: [],
  }));
  const isReady = look !== undefined;

  useEffect(() => {
    if (!look) return undefined;
    let isOver = false;
    const start = async () => {
      await loadFont();
      if (isOver || host.current === null) return;
      const screen = openEmulator(host.current, lookOf(look), {
        ...forwarded(latest),
        isMac: latest.current.isMac,
        onInput: (bytes) => connection.current?.send(bytes),
        onResize(cols, rows) {
          connection.current?.resize(cols, rows);
          setSize({ cols, rows });
        },
        onTitle: (text) => setTitle(plainText(text, 120)),
      });
      emulator.current = screen;
      if (look.memory.tmuxVersion) screen.countLike(look.memory.tmuxVersion);
      screen.focus();
      const { cols, rows } = screen;
      setSize({ cols, rows });
      const opened = openTerminalSession(
        {
          hubId,
          session,
          cols,
          rows,
          write: (bytes, done) => screen.write(bytes, done),
          onAttach: () => screen.resetModes(),
        },
        handOver,
      );
      connection.current = opened;
      const take = () => {
        const next = opened.state;
        if (next.kind === 'open' && !hadScreen.current) {
          hadScreen.current = true;
          void learnVersion(
            hubId,
            session,
            look.memory.tmuxVersion,
            () => opened.retryNow(),
            screen,
          );
        }
        if (next.kind === 'open' && next.path) lastPath.current = next.path;
        setState(next);
      };
      opened.subscribe(take);
      take();
    };
    void start();
    return () => {
      isOver = true;
      connection.current?.close();
      emulator.current?.dispose();
      emulator.current = null;
    };
  }, [hubId, session, isReady]);

  useEffect(() => {
    if (look) emulator.current?.apply(lookOf(look));
  }, [look?.settings, look?.memory]);

  return {
    host,
    emulator,
    state,
    hadScreen: hadScreen.current,
    lastPath: lastPath.current,
    size,
    title,
    retryNow: () => connection.current?.retryNow(),
  };
}

function lookOf({ settings, memory }: { settings: Settings; memory: HubMemory }): Look {
  return { ...settings, fontPx: memory.fontPx ?? settings.fontPx };
}

/** Events as the page handles them now, not as it did when the emulator was made. */
function forwarded(latest: { current: PageEvents }): Omit<PageEvents, 'isMac'> {
  return {
    onText: (text) => latest.current.onText(text),
    onFiles: (files) => latest.current.onFiles(files),
    onDrag: (isOver) => latest.current.onDrag(isOver),
    onHover: (link) => latest.current.onHover(link),
    onOpen: (link) => latest.current.onOpen(link),
    onCommand: (command) => latest.current.onCommand(command),
    onBell: () => latest.current.onBell(),
    onProgress: (progress) => latest.current.onProgress(progress),
    onWheel: (direction) => latest.current.onWheel(direction),
    onCopyAsked: (text) => latest.current.onCopyAsked(text),
    onSelected: (text) => latest.current.onSelected(text),
    onFound: (matches) => latest.current.onFound(matches),
  };
}

/** Learns the hub's version of tmux; where it is a new one, what is on the screen is drawn anew with its widths. */
async function learnVersion(
  hubId: HubId,
  session: string,
  known: string | undefined,
  redraw: () => void,
  screen: Emulator,
): Promise<void> {
  try {
    const { stdout } = await runHubJob(hubId, { kind: 'pane', session });
    const { tmuxVersion } = parsePane(new TextDecoder().decode(stdout));
    if (tmuxVersion === known) return;
    await changeHubMemory(hubId, () => ({ tmuxVersion }));
    if (screen.countLike(tmuxVersion)) redraw();
  } catch {
    // The terminal itself says what is wrong with the hub; widths stay as they were.
  }
}
