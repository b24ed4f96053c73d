import type { BrowserKey, Hub, JoinToken } from './hubs.ts';
import type { HubId } from './ids.ts';
import type { ProblemCode } from './problem.ts';
import type { Session } from './sessions.ts';
import type { HostKeyReport, TailnetErrorCode } from './tailnet-error.ts';

/** Why something that a person asked for did not happen. One sentence each stands in `components/faults.ts`. */
export type FaultCode =
  | TailnetErrorCode
  | ProblemCode
  | 'not-configured'
  | 'signed-out'
  | 'permission-missing'
  | 'bad-address'
  | 'server-unreachable'
  | 'not-hubtab'
  | 'hub-removed'
  | 'session-name-refused'
  | 'session-gone'
  | 'tmux-missing'
  | 'worker-lost';

export interface Fault {
  code: FaultCode;
  /** What happened, for the details view and bug reports; never a secret. */
  detail: string;
  /** For `host-key-*`. */
  hostKey?: HostKeyReport;
}

export type Result<T> = { ok: true; value: T } | { ok: false; error: Fault };

/** Whose browser this is. Kept in `storage.local`; tokens are not part of it. */
export type AccountState =
  | { kind: 'not-configured' }
  | { kind: 'signed-out'; serverUrl: string; email?: string; endedAtMs?: number }
  | { kind: 'signed-in'; serverUrl: string; email: string };

/** How far the browser node of one unit is. */
export type UnitStatus =
  | { kind: 'off' }
  | { kind: 'joining' }
  | {
      kind: 'running';
      /** Relay and round trip to the hub, once measured. */ path?: { via: string; rttMs: number };
    }
  | { kind: 'reconnecting'; reason: string }
  | { kind: 'failed'; fault: Fault };

/** One hub as the popup shows it. */
export interface HubView {
  hub: Hub;
  unit: UnitStatus;
  sessions: Session[];
  /** When `sessions` was read; unset if never. */
  sessionsAtMs?: number;
  /** Why the last reading failed. */
  sessionsFault?: Fault;
}

/**
 * All that pages show, in one `storage.session` key. The background alone writes it; pages follow `storage.onChanged`
 * and lose nothing when the service worker stops.
 */
export interface ExtensionState {
  account: AccountState;
  hubs: HubView[];
  /** When the server last answered with the list; unset if never. */
  hubsAtMs?: number;
  /** Set while the server cannot be used, and why. */
  serverFault?: Fault & { sinceMs: number };
}

/** What the worker needs to join a unit. Lives in memory only: here, in `storage.session`, in the worker. */
export interface UnitCredentials {
  controlUrl: string;
  hostname: string;
  hub: BrowserKey['hub'];
  /** A fresh one-use key, when there is no live node. */
  authKey?: string;
  /** The mirrored identity of the live node, base64 (runtime messages carry JSON). */
  state?: string;
}

/** What the worker needs of the browser's memory of a hub's host key. */
export interface HostKeyMemory {
  /** The key that was accepted last, `<type> <base64>`. */
  seen?: string | undefined;
  /** Fingerprints that a person compared and trusts. */
  trusted: string[];
}

/** What the worker knows of itself. Units are numbered, not named. */
export interface WorkerDiagnostics {
  program: object;
  sockets: { role: string; bytesIn: number; bytesOut: number; silentForMs: number }[];
}

/** Where a terminal opens: `focus` reuses the tab that shows this session, if there is one. */
export type OpenWhere = 'focus' | 'new-tab' | 'window';

/** Messages to the background, by kind, with what each answers. */
export interface BackgroundMessages {
  // from pages
  'set-server': { ask: { url: string }; reply: Result<{ serverUrl: string; origins: string[] }> };
  pair: { ask: { code: string }; reply: Result<{ email: string }> };
  'sign-out': { ask: object; reply: Result<null> };
  /** Reads the hub list and every hub's sessions again. */
  refresh: { ask: object; reply: Result<null> };
  'open-terminal': {
    ask: { hubId: HubId; session: string; where: OpenWhere };
    reply: Result<null>;
  };
  'create-join-token': { ask: object; reply: Result<JoinToken> };
  'remove-hub': { ask: { hubId: HubId }; reply: Result<null> };
  /** A person compared the key that a hub presented with what the hub itself prints. */
  'trust-host-key': { ask: { hubId: HubId; fingerprint: string }; reply: Result<null> };
  /** Forgets what was seen and what was trusted of a hub's host key. */
  'forget-host-key': { ask: { hubId: HubId }; reply: Result<null> };
  /** A report for a bug tracker, as text. No names, keys, addresses or terminal content. */
  diagnostics: { ask: object; reply: Result<string> };
  // from the offscreen document
  /** The worker ended by itself: what the program last wrote, after a panic its stack. */
  'worker-ended': { ask: { lastWords: string }; reply: null };
  'worker-started': { ask: object; reply: { hold: HubId[] } };
  'unit-credentials': {
    ask: { hubId: HubId; fresh: boolean };
    reply: Result<UnitCredentials & { hostKeys: HostKeyMemory }>;
  };
  /** A hub proved to have this host key, `<type> <base64>`, and it was accepted. */
  'host-key-seen': { ask: { hubId: HubId; hostKey: string }; reply: null };
  'unit-bytes': { ask: { hubId: HubId; state: string }; reply: null };
  'unit-status': { ask: { hubId: HubId; status: UnitStatus }; reply: null };
  /** What the netmap says of the hub's node; newer than the server's list. */
  'hub-online': { ask: { hubId: HubId; online: boolean; lastSeenMs?: number }; reply: null };
  sessions: { ask: { hubId: HubId; result: Result<Session[]> }; reply: null };
}

/** Messages to the offscreen document. */
export interface OffscreenMessages {
  /** Joins units that are not joined yet, in this order, and keeps them; leaves the others. */
  hold: { ask: { hubIds: HubId[] }; reply: null };
  'read-sessions': { ask: { hubIds: HubId[] }; reply: null };
  /** Joins a unit anew as the same node: what is known of its hub changed. Its channels end. */
  rejoin: { ask: { hubIds: HubId[] }; reply: null };
  diagnostics: { ask: object; reply: WorkerDiagnostics };
  /** Logs every node out. */
  'leave-all': { ask: object; reply: null };
}
