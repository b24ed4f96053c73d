import { useRef, useState } from 'preact/hooks';
import { parsePane } from '../../lib/hub-commands.ts';
import { runHubJob } from '../../lib/hub-job.ts';
import type { HubId } from '../../protocol/ids.ts';

/** What the hub said of the pane holds for one movement of the hand. */
const KNOWN_MS = 2000;
/** Rows that one notch of a wheel moves, as in most terminals. */
const ROWS = 3;
/** The offer of the history stays so long after the last movement. */
const OFFER_MS = 5000;

interface WheelUse {
  /** The wheel moved where no program asked for the mouse: up is negative. */
  onWheel: (direction: -1 | 1) => void;
  /** Whether to offer the history. */
  isOffered: boolean;
}

/**
 * The wheel over tmux, which has the scrollback and tells nobody whether a full-screen program runs. Such a program gets
 * arrow keys, as in every terminal. A shell would take those as a walk through its commands: there the history is offered.
 * @param type types into the terminal
 */
export function useWheel(hubId: HubId, session: string, type: (keys: string) => void): WheelUse {
  const [isOffered, setOffered] = useState(false);
  const known = useRef<{ atMs: number; isAlternate: Promise<boolean> }>();
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const ask = () => {
    const nowMs = performance.now();
    if (!known.current || nowMs - known.current.atMs > KNOWN_MS)
      known.current = { atMs: nowMs, isAlternate: askAlternate(hubId, session) };
    return known.current.isAlternate;
  };
  return {
    isOffered,
    onWheel(direction) {
      void ask().then((isAlternate) => {
        if (isAlternate) type((direction < 0 ? '\u001b[A' : '\u001b[B').repeat(ROWS));
        else if (direction < 0) {
          setOffered(true);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => setOffered(false), OFFER_MS);
        }
      });
    },
  };
}

async function askAlternate(hubId: HubId, session: string): Promise<boolean> {
  try {
    const { stdout } = await runHubJob(hubId, { kind: 'pane', session });
    return parsePane(new TextDecoder().decode(stdout)).isAlternate;
  } catch {
    return false;
  }
}
