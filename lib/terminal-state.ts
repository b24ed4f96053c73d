import type { Fault } from '../protocol/contexts.ts';
import type { TerminalStep } from '../protocol/terminal-port.ts';

/** What a terminal tab shows. The last screen stays readable in every state but the first `connecting`. */
export type TerminalState =
  | {
      kind: 'connecting';
      sinceMs: number;
      /** Steps that are done, with what to say of them ("relay fra · 42 ms"). */
      done: { step: TerminalStep; detail?: string }[];
    }
  | { kind: 'open'; hubName: string; path?: { via: string; rttMs: number } }
  | {
      /** The connection was lost, or never came up, and is tried again by itself. */
      kind: 'reconnecting';
      sinceMs: number;
      attempt: number;
      /** When the next try starts; unset while one runs. */
      nextTryAtMs?: number;
      fault: Fault;
      keysNotSent: number;
      /** False while there is no screen to keep: a card replaces it. */
      hadScreen: boolean;
    }
  /** Trying again by itself cannot help. */
  | { kind: 'failed'; fault: Fault; hadScreen: boolean }
  | { kind: 'ended'; how: 'exited' | 'detached'; code?: number; afterMs: number };

/** The one connection behind a terminal page; `openTerminalSession` in `lib/terminal-session.ts` makes it. */
export interface TerminalSession {
  readonly state: TerminalState;
  /** Calls back after every change of `state`. Returns the way to stop it. */
  subscribe(onChange: () => void): () => void;
  /** Bytes typed or pasted. While nothing is connected they are counted as not sent, never buffered. */
  send(bytes: Uint8Array): void;
  /** The size of the screen; sent only when it changed, at most every 100 ms. */
  resize(cols: number, rows: number): void;
  /** Tries at once instead of at the next try. */
  retryNow(): void;
  close(): void;
}

export interface TerminalSessionOptions {
  hubId: string;
  session: string;
  cols: number;
  rows: number;
  /** Takes output; calls `done` when the emulator has parsed it, which returns the credit. */
  write(bytes: Uint8Array, done: () => void): void;
  /** A new attachment begins: tmux will redraw everything, so stale modes are reset first (without clearing the text). */
  onAttach(): void;
}
