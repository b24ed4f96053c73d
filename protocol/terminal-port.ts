import type { HubId } from './ids.ts';
import type { Fault } from './contexts.ts';

/**
 * What a terminal tab and the node worker say on their MessagePort. Terminal bytes travel beside these as bare,
 * transferred Uint8Arrays: input from the tab, output from the worker.
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
  | { kind: 'resize'; cols: number; rows: number }
  /** More bytes of output may come. */
  | { kind: 'grant'; bytes: number }
  | { kind: 'close' };

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
  /** Nothing more comes on this port; the tab may try again with a new one. */
  | { kind: 'failed'; fault: Fault };
