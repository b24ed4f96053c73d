import type { BrowserKey } from '../../../protocol/hubs.ts';

/** A tailnet client as the harness sees it: the least that ours and upstream's both can do. */
export interface BenchClient {
  /** Fetches, compiles and starts the program. */
  start(): Promise<void>;
  /** Joins one unit; resolves when its hub is visible. */
  join(key: BrowserKey): Promise<void>;
  /** Opens a login shell in a PTY on the hub that was joined first; resolves when the shell is started. */
  openShell(onData: OnData): Promise<BenchChannel>;
  /** Runs a command without a PTY; absent when the client cannot. */
  exec?(command: string, onData: OnData): Promise<BenchChannel>;
  /** Bytes of Go heap in use; undefined when the client does not tell. */
  heapBytes(): number | undefined;
}

/** Output as the client hands it over: bytes, or decoded text where it knows no other. */
export type OnData = (output: Uint8Array | string) => void;

export interface BenchChannel {
  /** Resolves when the client took the text. ASCII only. */
  write(text: string): Promise<void>;
  close(): void;
}

/** What the page may ask a worker to do, and what it answers. */
export interface Steps {
  /** Everything from the worker's start to the first byte of a prompt; times in ms. */
  cold: {
    ask: { key: BrowserKey };
    reply: { compileMs: number; initMs: number; joinMs: number; firstMs: number; coldMs: number };
  };
  join: { ask: { key: BrowserKey }; reply: null };
  second: { ask: object; reply: { shellMs: number; promptMs: number } };
  echo: { ask: { keys: number; pauseMs: number }; reply: number[] };
  /** MB/s; null when the client cannot. */
  download: { ask: Bulk; reply: number | null };
  upload: { ask: Bulk; reply: number | null };
  'shell-download': { ask: Bulk; reply: number };
  /** Opens so many shells and leaves them open. */
  terminals: { ask: { count: number }; reply: null };
  memory: { ask: object; reply: { wasmBytes: number; heapBytes: number | undefined } };
}

export interface Bulk {
  warmUpBytes: number;
  bytes: number;
}
