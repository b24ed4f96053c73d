/**
 * The JavaScript surface of tailnet.wasm. `cmd/tailnet` implements it, the worker in `entrypoints/offscreen` uses it.
 * Every method that returns a promise works in its own goroutine and rejects with a {@link TailnetError}; none blocks.
 */
import type { HostKeyReport, TailnetErrorCode } from '../protocol/tailnet-error.ts';

export type { TailnetErrorCode };

/** What every promise of this surface rejects with. */
export interface TailnetError extends Error {
  code: TailnetErrorCode;
  /** For the four codes `host-key-*`. */
  hostKey?: HostKeyReport;
}

/** One tailnet client process; joins any number of units. */
export interface TailnetClient {
  /**
   * Joins a unit. Resolves when it runs and the first netmap is in; the hub may still be offline.
   * @throws TailnetError `key-refused` (the message says whether the key is unknown, used or expired),
   *   `control-unreachable`, `node-deleted`, `version-too-old`, `clock-wrong`, `bad-argument`
   */
  join(unit: UnitConfig): Promise<Unit>;
  /**
   * Says that the network may have changed. Abort the sockets first: this polls control and dials the relay at once,
   * without waiting for a back-off, pings the hub, and then gives SSH connections half a second and two round trips to
   * show life before it hangs up.
   */
  kick(reason: 'online' | 'wake' | 'silence' | 'probe-failed'): void;
  stats(): ClientStats;
}

export interface UnitConfig {
  /** The hub's id; names the unit in logs and errors. */
  id: string;
  /** Base URL of Headscale. */
  controlUrl: string;
  /** One-use pre-auth key. Not needed, and not used, when `state` holds a node that still exists. */
  authKey?: string;
  hostname: string;
  /** What `onStateBytes` last gave for this unit: resumes as the same node. */
  state?: Uint8Array;
  /** The one node this unit may talk to, as the server registered it. */
  hub: {
    /** `nodekey:<hex>`. */
    nodeKey: string;
    /** SSH host keys in authorized_keys form, `<type> <base64>`. Without any, `open` rejects with `host-key-absent`. */
    hostKeys: string[];
    /** What `onHostKey` last gave for this hub in any earlier join: another one is refused with `host-key-changed`. */
    seenHostKey?: string;
    /**
     * Fingerprints, whole (`SHA256:<43 characters>`), that a person compared and chose to trust: such a key is right,
     * whatever else is known.
     */
    trustedHostKeys?: string[];
  };
}

export type UnitState =
  | { kind: 'running' }
  | { kind: 'reconnecting'; reason: string }
  /** The node was deleted or expired on the server: leave and join again with a fresh key. */
  | { kind: 'failed'; code: TailnetErrorCode; message: string };

export interface Peer {
  name: string;
  /** Tailnet addresses. */
  ips: string[];
  nodeKey: string;
  online: boolean;
  /** Milliseconds since the epoch; unset if Headscale never said. */
  lastSeenMs?: number;
  /** True for the unit's hub, the one node that `open` talks to. */
  isHub: boolean;
}

export interface Unit {
  /** Logs the node out, so that Headscale deletes it at once, and closes every channel. Never rejects twice. */
  leave(): Promise<void>;
  /** Stops the unit without logging out: the node stays in Headscale until its ephemeral time-out. */
  stop(): Promise<void>;
  /** The node's own addresses and key. */
  self(): { ips: string[]; nodeKey: string; nodeId: string };
  peers(): Peer[];
  /** Round trip to the hub inside the tunnel. `via` is the relay's region code. */
  ping(): Promise<{ rttMs: number; via: string }>;
  /**
   * Opens a channel on the unit's hub, over one SSH connection per user that all channels share.
   * @throws TailnetError `hub-offline`, `hub-not-found`, `hub-unreachable`, `host-key-mismatch`,
   *   `host-key-unlisted`, `host-key-changed`, `host-key-absent`, `clock-wrong`, `unknown-user`, `access-denied`, `bad-argument`, `left`
   */
  open(options: OpenOptions): Promise<Channel>;
  /**
   * Connects to a TCP port as the hub sees it, over the same SSH connection. The channel is a byte stream with the same
   * flow control; it has no exit status, and `resize` does nothing useful. When the far end
   * ends its side, ours ends too.
   * @throws TailnetError as `open`, and `port-unreachable` when nothing answers there
   */
  dial(options: DialOptions): Promise<Channel>;
  /** Each callback is called at once with the current value, then on every change. A second call replaces the first. */
  onState(callback: (state: UnitState) => void): void;
  onPeers(callback: (peers: Peer[]) => void): void;
  /** The hub's host key, `<type> <base64>`, whenever one was accepted. Not called before the first. */
  onHostKey(callback: (hostKey: string) => void): void;
  /** The node's identity, to be mirrored to memory that outlives the worker. Secret: never log, never write to disk. */
  onStateBytes(callback: (state: Uint8Array) => void): void;
}

export interface OpenOptions {
  user: string;
  /** Run by the user's shell (`$SHELL -c`); if unset, the login shell itself. Build it with `lib/remote-command.ts`. */
  command?: string;
  pty?: { cols: number; rows: number; term: string; widthPx?: number; heightPx?: number };
  /** The hub's policy lets LANG, LC_*, COLORTERM and TERM_PROGRAM through; others are dropped silently. */
  env?: Record<string, string>;
  /** Milliseconds until `hub-unreachable`; if unset, 15000. Does not run while a banner waits for a person. */
  timeoutMs?: number;
  /** Progress for people: reached once each, in this order. All at once when the connection is already open. */
  onStep?: (step: 'hub-answers' | 'host-key' | 'authenticated') => void;
  /** Text the hub sends before it lets anyone in (a denial, or where to approve). */
  onBanner?: (text: string) => void;
}

export interface DialOptions {
  /** Whose SSH connection: what the hub lets this user reach. */
  user: string;
  /** A name or address that the hub resolves; `localhost` is the hub itself. */
  host: string;
  port: number;
  /** Milliseconds until `hub-unreachable`; if unset, 15000. */
  timeoutMs?: number;
}

export interface Channel {
  /** Resolves when the SSH window took all of it: that is the back-pressure of uploads. Bytes are copied before it returns. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the input (EOF); output goes on. */
  end(): Promise<void>;
  /** Allows so many more bytes of output; starts at zero. */
  grant(bytes: number): void;
  /** Standard output, or everything when there is a PTY. The array belongs to the callee. Set before the first `grant`. */
  onData(callback: (bytes: Uint8Array) => void): void;
  /** Standard error; counts against the same credit. If never set, it is delivered to `onData`. */
  onStderr(callback: (bytes: Uint8Array) => void): void;
  resize(cols: number, rows: number, widthPx?: number, heightPx?: number): void;
  /** Resolves once, after the last byte of output was delivered. */
  closed: Promise<ChannelEnd>;
  close(): void;
}

export interface ChannelEnd {
  /** Exit status of the command; unset when it was killed or the connection was lost. */
  code?: number;
  /** Signal name without SIG. */
  signal?: string;
  /** `exited` the command ended; `closed` we closed it; else the cause. */
  reason: 'exited' | 'closed' | TailnetErrorCode;
}

export interface ClientStats {
  /** Bytes of Go heap in use. */
  heapBytes: number;
  /** Bytes that Go took from WASM memory; never shrinks. */
  sysBytes: number;
  goroutines: number;
  /** Garbage collections since the start. */
  collections: number;
  /** The newest panic that ended a call with `internal` and not the program: what it said, and Go's stack. */
  lastPanic?: { atMs: number; text: string };
  units: UnitStats[];
}

/** What a diagnostics page may show of a unit: no keys, no addresses of pages, no terminal bytes. */
export interface UnitStats {
  id: string;
  state: UnitState['kind'];
  sshConnections: number;
  channels: number;
  /** Region code of the relay that leads to the hub; empty while unknown. */
  relay: string;
  /** This computer's clock against the server's, as of its last full answer; negative when behind. */
  clockAheadMs: number;
  /** The last ping that was answered, times in ms since the epoch. */
  ping?: { rttMs: number; via: string; atMs: number };
  /** The newest eight, oldest first. `what` is the call, or `control`. */
  errors: { atMs: number; what: string; code: TailnetErrorCode; text: string }[];
}

/** Options of the one global that exists: the worker sets it before `go.run`, the program takes it and deletes it. */
export interface TailnetBoot {
  /** Called once, synchronously during start. */
  ready(client: TailnetClient): void;
  /** One line of log; never holds keys or terminal bytes. */
  log(line: string): void;
  /**
   * Opens the WebSocket to a relay: `openRelay` of `entrypoints/offscreen/derp-bridge.ts`. If unset, Go opens it by
   * itself, which costs two to three times the processor time for each byte.
   */
  openRelay?(url: string, sink: RelaySink): RelaySocket;
}

/** Go's end of a relay's socket. None of these blocks. */
export interface RelaySink {
  opened(): void;
  /**
   * Takes the first `length` of `bytes`; the array may be used again afterwards. False means that Go is full: the next
   * call waits for {@link RelaySocket.resume}.
   */
  received(bytes: Uint8Array, length: number): boolean;
  /** The socket failed or ended, also before it was open. Nothing may be called afterwards. */
  closed(reason: string): void;
}

/** JavaScript's end of a relay's socket. */
export interface RelaySocket {
  /** Go puts the next message here. */
  readonly buffer: Uint8Array;
  /** Sends the first `length` bytes of `buffer` as one message. Returns how many bytes are unsent now. */
  send(length: number): number;
  unsent(): number;
  /** Go has room again. */
  resume(): void;
  /** Ends the socket at once; none of the sink's functions is called afterwards. May be called twice. */
  close(): void;
}

declare global {
  var hubtabBoot: TailnetBoot | undefined;
}
