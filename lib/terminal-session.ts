import type { Fault, FaultCode } from '../protocol/contexts.ts';
import type { TabMessage, WorkerMessage } from '../protocol/terminal-port.ts';
import { holdLock, whenGone } from './locks.ts';
import type { TerminalSession, TerminalSessionOptions, TerminalState } from './terminal-state.ts';

/** Output that may be on its way to the emulator. xterm.js stutters above about 500 kB of unparsed output. */
const WINDOW_BYTES = 256 * 1024;
/** Credit goes back in pieces of this size, so that not every chunk costs a message. */
const GRANT_BYTES = 64 * 1024;
/** Input that may be on its way without the hub having taken it: 100 ms of the fastest upload that was measured, 2 MB/s. The
 * rest of a large paste waits in the tab. */
const INPUT_WINDOW_BYTES = 256 * 1024;
/** Input travels in pieces of at most this size. */
const INPUT_PIECE_BYTES = 64 * 1024;
/** A drag of the window edge gives a size a frame; tmux redraws for each one that it is told. */
const RESIZE_DELAY_MS = 100;
/** The worker reports every step well within this; silence means that it hangs. Longest is a join: 20 s. */
const SILENCE_MS = 30_000;
/**
 * Waits between tries, ms; the last one repeats. A fifth of it is random, so that tabs do not try in step. The first is
 * short: a connection is given up when the way to the hub is open again.
 */
const BACKOFF_MS = [100, 500, 1000, 2000, 5000, 10_000, 30_000];

/** Faults that only a person can mend: trying again by itself would ask the same question for ever. */
const FINAL: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'not-configured',
  'signed-out',
  'permission-missing',
  'bad-address',
  'hub-removed',
  'session-name-refused',
  'session-gone',
  'tmux-missing',
  'unknown-user',
  'access-denied',
  'host-key-mismatch',
  'host-key-unlisted',
  'host-key-changed',
  'hub-not-joined',
]);

/** Asks the background to hand the port over to the node worker; it takes no part in what follows. */
export type HandOver = (port: MessagePort) => Promise<void>;

/** Opens a terminal on a session and keeps it open through every fault that mends itself. */
export function openTerminalSession(
  options: TerminalSessionOptions,
  handOver: HandOver,
): TerminalSession {
  const listeners = new Set<() => void>();
  const tabLock = holdLock('tab');
  let state: TerminalState = { kind: 'connecting', sinceMs: Date.now(), done: [] };
  let size = { cols: options.cols, rows: options.rows };
  let sentSize = size;
  let resizeTimer: ReturnType<typeof setTimeout> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let attempt: Attempt | undefined;
  let openedAtMs: number | undefined;
  let closed = false;

  const become = (next: TerminalState) => {
    state = next;
    for (const listener of listeners) listener();
  };

  const connect = () => {
    clearTimeout(retryTimer);
    attempt?.stop();
    if (state.kind === 'reconnecting') {
      const { nextTryAtMs: _, ...rest } = state;
      become({ ...rest, attempt: rest.attempt + 1 });
    }
    sentSize = size;
    const mine = new Attempt({
      open: async () => ({
        kind: 'open',
        hubId: options.hubId,
        session: options.session,
        ...size,
        tabLock: await tabLock,
      }),
      handOver,
      onMessage: (message) => attempt === mine && take(message),
      onOutput: (bytes, done) => attempt === mine && options.write(bytes, done),
    });
    attempt = mine;
  };

  const take = (message: WorkerMessage) => {
    switch (message.kind) {
      case 'hello':
      case 'accepted':
        return;
      case 'step':
        if (state.kind === 'connecting') become({ ...state, done: [...state.done, message] });
        return;
      case 'opened':
        openedAtMs ??= Date.now();
        options.onAttach();
        become({ kind: 'open', hubName: message.hubName });
        return;
      case 'path': {
        const { via, rttMs } = message;
        if (state.kind === 'open') become({ ...state, path: { via, rttMs } });
        return;
      }
      case 'ended': {
        attempt?.stop();
        const code = message.code === undefined ? {} : { code: message.code };
        const afterMs = openedAtMs === undefined ? 0 : Date.now() - openedAtMs;
        become({ kind: 'ended', how: message.how, afterMs, ...code });
        return;
      }
      case 'failed':
        fail(message.fault);
    }
  };

  const fail = (fault: Fault) => {
    const piecesNotSent = attempt?.stop() ?? 0;
    if (closed) return;
    const hadScreen = openedAtMs !== undefined;
    if (FINAL.has(fault.code)) {
      become({ kind: 'failed', fault, hadScreen });
      return;
    }
    const before = state.kind === 'reconnecting' ? state : undefined;
    const tries = before?.attempt ?? 0;
    const waitMs = BACKOFF_MS[Math.min(tries, BACKOFF_MS.length - 1)] ?? 0;
    const delayMs = waitMs * (0.9 + Math.random() * 0.2);
    retryTimer = setTimeout(connect, delayMs);
    become({
      kind: 'reconnecting',
      sinceMs: before?.sinceMs ?? Date.now(),
      attempt: tries,
      nextTryAtMs: Date.now() + delayMs,
      fault,
      keysNotSent: before?.keysNotSent ?? piecesNotSent,
      hadScreen,
    });
  };

  connect();
  return {
    get state() {
      return state;
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    send(bytes) {
      if (state.kind === 'open') attempt?.send(bytes);
      else if (state.kind === 'reconnecting')
        become({ ...state, keysNotSent: state.keysNotSent + 1 });
    },
    resize(cols, rows) {
      size = { cols, rows };
      resizeTimer ??= setTimeout(() => {
        resizeTimer = undefined;
        // The emulator was another size meanwhile, and lost what did not fit. tmux draws anew only when it is told of a change.
        if (sentSize.cols === size.cols && sentSize.rows === size.rows)
          attempt?.post({ kind: 'resize', cols: size.cols, rows: size.rows + 1 });
        sentSize = size;
        attempt?.post({ kind: 'resize', ...size });
      }, RESIZE_DELAY_MS);
    },
    retryNow() {
      if (state.kind === 'ended' || state.kind === 'failed')
        become({ kind: 'connecting', sinceMs: Date.now(), done: [] });
      connect();
    },
    close() {
      closed = true;
      clearTimeout(retryTimer);
      clearTimeout(resizeTimer);
      attempt?.post({ kind: 'close' });
      attempt?.stop();
    },
  };
}

interface AttemptOptions {
  open: () => Promise<TabMessage>;
  handOver: HandOver;
  onMessage: (message: WorkerMessage) => void;
  onOutput: (bytes: Uint8Array, done: () => void) => void;
}

/** One port to the worker, from hand-over to its first fault. Whatever happens, it ends in one `failed` message. */
class Attempt {
  readonly #options: AttemptOptions;
  readonly #port: MessagePort;
  readonly #stopped = new AbortController();
  #silence: ReturnType<typeof setTimeout> | undefined;
  #parsedBytes = 0;
  #input: Uint8Array<ArrayBuffer>[] = [];
  #notTakenBytes = 0;

  constructor(options: AttemptOptions) {
    const { port1, port2 } = new MessageChannel();
    this.#options = options;
    this.#port = port1;
    port1.addEventListener('message', ({ data }: MessageEvent<WorkerMessage | Uint8Array>) =>
      data instanceof Uint8Array ? this.#takeOutput(data) : this.#take(data),
    );
    port1.start();
    this.#expectAnswer();
    this.#begin(port2).catch((error: unknown) =>
      this.#fail(`hand over the port: ${String(error)}`),
    );
  }

  async #begin(port: MessagePort): Promise<void> {
    this.post(await this.#options.open());
    this.post({ kind: 'grant', bytes: WINDOW_BYTES });
    await this.#options.handOver(port);
  }

  post(message: TabMessage): void {
    if (!this.#stopped.signal.aborted) this.#port.postMessage(message);
  }

  /** Sends input as fast as the hub takes it. The caller keeps its bytes: the pieces are copies. */
  send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += INPUT_PIECE_BYTES)
      this.#input.push(new Uint8Array(bytes.subarray(at, at + INPUT_PIECE_BYTES)));
    this.#pump();
  }

  /** Returns how many pieces of input were never sent. */
  stop(): number {
    clearTimeout(this.#silence);
    this.#stopped.abort();
    this.#port.close();
    return this.#input.splice(0).length;
  }

  #pump(): void {
    if (this.#stopped.signal.aborted) return;
    let sent = 0;
    for (const piece of this.#input) {
      if (this.#notTakenBytes >= INPUT_WINDOW_BYTES) break;
      sent += 1;
      this.#notTakenBytes += piece.length; // before the transfer, which empties it
      this.#port.postMessage(piece, [piece.buffer]);
    }
    this.#input.splice(0, sent);
  }

  #take(message: WorkerMessage): void {
    if (this.#stopped.signal.aborted) return;
    if (message.kind === 'hello')
      whenGone(message.workerLock, this.#stopped.signal, () => this.#fail('the worker is gone'));
    if (message.kind === 'accepted') {
      this.#notTakenBytes -= message.bytes;
      this.#pump();
    }
    if (message.kind === 'opened') clearTimeout(this.#silence);
    else if (message.kind === 'step' || message.kind === 'hello') this.#expectAnswer();
    this.#options.onMessage(message);
  }

  #takeOutput(bytes: Uint8Array): void {
    if (this.#stopped.signal.aborted) return;
    this.#options.onOutput(bytes, () => {
      this.#parsedBytes += bytes.length;
      if (this.#parsedBytes < GRANT_BYTES) return;
      this.post({ kind: 'grant', bytes: this.#parsedBytes });
      this.#parsedBytes = 0;
    });
  }

  #expectAnswer(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#fail('the worker does not answer'), SILENCE_MS);
  }

  #fail(detail: string): void {
    if (this.#stopped.signal.aborted) return;
    this.#options.onMessage({ kind: 'failed', fault: { code: 'worker-lost', detail } });
  }
}
