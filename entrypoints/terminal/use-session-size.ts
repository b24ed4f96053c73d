import { useEffect, useState } from 'preact/hooks';
import { runHubJob } from '../../lib/hub-job.ts';
import {
  isSame,
  parseSize,
  sizeConflict,
  type SessionSize,
  type Size,
} from '../../lib/session-size.ts';
import type { HubId } from '../../protocol/ids.ts';
import type { Session } from '../../protocol/sessions.ts';

/** A size that changed is told to tmux within 100 ms; a window that is dragged gives many. */
const SETTLE_MS = 500;

export interface SessionSizeUse {
  /** Set while the session is not as large as this terminal. */
  conflict: ReturnType<typeof sizeConflict>;
  /** Whether tmux takes no keys from this terminal. */
  isReadOnly: boolean;
  /** Has the session follow this terminal, and leave the others out of account. */
  fit: () => void;
}

/**
 * Who else shows the session, and whether its size is another one's. Asked after what may have changed it: an attachment,
 * a size of ours, what the watch says of the session, a return to this tab.
 * @param terminal size of the emulator; undefined while nothing is attached
 */
export function useSessionSize(
  hubId: HubId,
  session: string,
  terminal: Size | undefined,
  watched: Session | undefined,
): SessionSizeUse {
  const [answer, setAnswer] = useState<{ terminal: Size; found: SessionSize }>();
  const [asks, setAsks] = useState(0);
  const ask = () => setAsks((count) => count + 1);
  useEffect(() => {
    addEventListener('focus', ask);
    return () => removeEventListener('focus', ask);
  }, []);
  const { cols, rows } = terminal ?? {};
  const hint = watched && [watched.attachedClients, watched.size.cols, watched.size.rows].join();
  useEffect(() => {
    if (cols === undefined || rows === undefined) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      readSize(hubId, session, abort.signal).then(
        (found) => setAnswer({ terminal: { cols, rows }, found }),
        () => undefined, // no session, no size
      );
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [hubId, session, cols, rows, hint, asks]);
  // What was found of another size of ours says nothing about this one.
  const found = terminal && answer && isSame(answer.terminal, terminal) ? answer.found : undefined;
  const alike = found?.clients.filter((one) => terminal && isSame(one, terminal)) ?? [];
  return {
    conflict: found && terminal && sizeConflict(found, terminal),
    isReadOnly: alike.length > 0 && alike.every((one) => one.isReadOnly),
    fit() {
      if (!terminal) return;
      runHubJob(hubId, { kind: 'fit', session, ...terminal }).then(ask, ask);
    },
  };
}

async function readSize(hubId: HubId, session: string, signal: AbortSignal): Promise<SessionSize> {
  const { stdout } = await runHubJob(hubId, { kind: 'size', session }, { signal });
  return parseSize(new TextDecoder().decode(stdout));
}
