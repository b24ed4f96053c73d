import { useEffect, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';
import { plainText } from '../../components/plain-text.ts';
import { openTerminalSession } from '../../lib/terminal-session.ts';
import type { TerminalSession, TerminalState } from '../../lib/terminal-state.ts';
import type { HubId } from '../../protocol/ids.ts';
import { loadFont, openEmulator, type Emulator } from './emulator.ts';
import { handOver } from './hand-over.ts';

interface TerminalUse {
  /** The element that becomes the screen. */
  host: RefObject<HTMLDivElement>;
  state: TerminalState;
  /** Whether the session was ever seen on this page. */
  hadScreen: boolean;
  /** The last path that was measured. */
  lastPath: { via: string; rttMs: number } | undefined;
  /** Title that the program set, without what cannot be seen. */
  title: string;
  retryNow: () => void;
  focus: () => void;
}

/** The emulator and the connection behind a page. xterm.js owns what is inside the host; Preact never renders there. */
export function useTerminal(hubId: HubId, session: string): TerminalUse {
  const host = useRef<HTMLDivElement>(null);
  const emulator = useRef<Emulator>();
  const connection = useRef<TerminalSession>();
  const hadScreen = useRef(false);
  const lastPath = useRef<{ via: string; rttMs: number }>();
  const [title, setTitle] = useState('');
  const [state, setState] = useState<TerminalState>(() => ({
    kind: 'connecting',
    sinceMs: Date.now(),
    done: [],
  }));

  useEffect(() => {
    let isOver = false;
    const start = async () => {
      await loadFont();
      if (isOver || host.current === null) return;
      const screen = openEmulator(host.current, {
        onInput: (bytes) => connection.current?.send(bytes),
        onResize: (cols, rows) => connection.current?.resize(cols, rows),
        onTitle: (text) => setTitle(plainText(text, 120)),
      });
      emulator.current = screen;
      screen.focus();
      const { cols, rows } = screen;
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
        if (next.kind === 'open') hadScreen.current = true;
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
    };
  }, [hubId, session]);

  return {
    host,
    state,
    hadScreen: hadScreen.current,
    lastPath: lastPath.current,
    title,
    retryNow: () => connection.current?.retryNow(),
    focus: () => emulator.current?.focus(),
  };
}
