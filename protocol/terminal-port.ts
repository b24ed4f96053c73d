import type { HubId } from './ids.ts';
import type { Fault } from './contexts.ts';

/**
 * What a page and the node worker say on their MessagePort: a terminal's, or that of one job on a hub. Bytes travel
 * beside these as bare, transferred Uint8Arrays: input from the page, output from the worker.
 *
 * A MessagePort gives no sign when its other end dies, so each side holds a Web Lock and the other waits for it.
 */
export type TabMessage =
  | {
      kind: 'open';
      hubId: HubId;
      session: string;
      cols: number;
      rows: number;
      /** Name of the lock the tab holds. */ tabLock: string;
    }
  | { kind: 'run'; hubId: HubId; job: HubJob; tabLock: string }
  /** A job has all its input. */
  | { kind: 'end-input' }
  | { kind: 'resize'; cols: number; rows: number }
  /** More bytes of output may come. */
  | { kind: 'grant'; bytes: number }
  | { kind: 'close' };

/** One command that a page may have run on a hub. What it reads and writes is said in `lib/hub-commands.ts`. */
export type HubJob =
  | { kind: 'pane'; session: string }
  | { kind: 'size'; session: string }
  | { kind: 'fit'; session: string; cols: number; rows: number }
  | {
      kind: 'history';
      session: string;
      lines: number;
      /** Whether this tmux tells marks. */ hasMarks: boolean;
    }
  | { kind: 'upload'; name: string; bytes: number }
  | { kind: 'download'; session: string; path: string; maxBytes: number };

/** The steps of opening a terminal, in order. */
export const TERMINAL_STEPS = ['network', 'hub', 'host-key', 'shell', 'session'] as const;
export type TerminalStep = (typeof TERMINAL_STEPS)[number];

export type WorkerMessage =
  | { kind: 'hello'; /** Name of the lock the worker holds. */ workerLock: string }
  | { kind: 'step'; step: TerminalStep; detail?: string }
  | { kind: 'opened'; hubName: string; sshUser: string }
  /** Input was taken by the hub: so many bytes may follow. */
  | { kind: 'accepted'; bytes: number }
  | { kind: 'path'; via: string; rttMs: number }
  /** The session ended, or this client was detached from it. */
  | { kind: 'ended'; how: 'exited' | 'detached'; code?: number }
  /** A job ended by itself. */
  | { kind: 'finished'; code?: number; /** What it complained, cut to 4 KiB. */ stderr: string }
  /** Nothing more comes on this port; the tab may try again with a new one. */
  | { kind: 'failed'; fault: Fault };
