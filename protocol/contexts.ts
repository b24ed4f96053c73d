import type { BrowserKey, BrowserNode, Hub, JoinToken } from './hubs.ts';
import type { HubId } from './ids.ts';
import type { OAuthErrorCode } from './oauth.ts';
import type { ProblemCode } from './problem.ts';
import type { Session } from './sessions.ts';
import type { ShareOffer } from './shares.ts';
import type { HostKeyReport, TailnetErrorCode } from './tailnet-error.ts';

/** Why something that a person asked for did not happen. One sentence each stands in `components/faults.ts`. */
export type FaultCode =
  | TailnetErrorCode
  | ProblemCode
  | 'not-configured'
  | 'signed-out'
  | 'sign-in-closed'
  | 'no-sign-in-window'
  | 'code-denied'
  | 'code-expired'
  | 'permission-missing'
  | 'bad-address'
  | 'server-unreachable'
  | 'not-hubtab'
  | 'extension-too-old'
  | 'server-too-old'
  | 'hub-removed'
  | 'session-name-refused'
  | 'session-gone'
  | 'tmux-missing'
  | 'hubtab-missing'
  | 'agent-refused'
  | 'worker-lost';

export interface Fault {
  code: FaultCode;
  /** What happened, for the details view and bug reports; never a secret. */
  detail: string;
  /** What the server's token endpoint said, where it did (RFC 6749 section 5.2, RFC 8628 section 3.5). */
  oauthError?: OAuthErrorCode;
  /** For `host-key-*`. */
  hostKey?: HostKeyReport;
}

export type Result<T> = { ok: true; value: T } | { ok: false; error: Fault };

/** A code that waits for a person's approval (RFC 8628). */
export interface DeviceGrant {
  /** `XXXX-XXXX`, to be compared on the server's page. */
  userCode: string;
  /** The page, with the code typed in. */
  url: string;
  /** For polling; shown to nobody. */
  deviceCode: string;
  pauseMs: number;
}

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
  /** True while every change on the hub is told as it happens; else `sessions` is as of `sessionsAtMs`. */
  isWatched?: boolean;
  /** Set while all this is as it was before the browser was started. */
  isRecalled?: true;
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
  /** Hubs that others offer to this account; unset before they were read. */
  offers?: ShareOffer[];
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

/** A new agent as a person asked for it. */
export interface AgentRequest {
  /** `owner/name`. */
  repo: string;
  issue: number;
  /** One line for the hub's shell; if unset, the command that the hub's settings name. */
  command?: string;
  /** The checkout on the hub; if unset, the hub finds or clones one. */
  directory?: string;
}

/** What is done on a hub without a terminal: asked by pages of the background, and by it of the worker. */
interface HubActions {
  /** Answers with the session's name, also when the agent ran already. */
  'start-agent': {
    ask: { hubId: HubId; request: AgentRequest };
    reply: Result<{ session: string }>;
  };
  /** Makes the session `main` with the person's shell, if it is not there; never starts a tmux server. */
  'start-shell': { ask: { hubId: HubId }; reply: Result<{ session: string }> };
  /** An agent keeps its worktree and branch. */
  'stop-session': {
    ask: { hubId: HubId; session: string; isAgent: boolean };
    reply: Result<null>;
  };
  'rename-session': { ask: { hubId: HubId; session: string; name: string }; reply: Result<null> };
}

/** Where a terminal opens: `focus` reuses the tab that shows this session, if there is one. */
export type OpenWhere = 'focus' | 'new-tab' | 'window';

/** Messages to the background, by kind, with what each answers. */
export interface BackgroundMessages extends HubActions {
  // from pages
  'set-server': { ask: { url: string }; reply: Result<{ serverUrl: string; origins: string[] }> };
  /** Opens the server's own page in a window and waits for the person to finish or close it. */
  'sign-in': {
    ask: { /** The sign-in ends with the browser. */ isForgotten: boolean };
    reply: Result<{ email: string }>;
  };
  /** Asks for a code that a person approves on the server's page: the way in where no window can be opened. */
  'start-device-grant': { ask: object; reply: Result<DeviceGrant> };
  /** Asks whether the person approved it; `pauseMs`, how long to wait before the next time, while nobody has answered. */
  'poll-device-grant': {
    ask: { deviceCode: string; isForgotten: boolean };
    reply: Result<{ email: string } | { pauseMs: number }>;
  };
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
  /** The browsers that are in a hub's network now. */
  browsers: { ask: { hubId: HubId }; reply: Result<{ browsers: BrowserNode[] }> };
  /** Offers a hub of this account to another one. The answer does not tell whether there is one with that address. */
  'offer-hub': { ask: { hubId: HubId; email: string }; reply: Result<unknown> };
  /** Takes a share or an offer back, or leaves a hub of another account. */
  'end-share': { ask: { hubId: HubId; shareId: string }; reply: Result<unknown> };
  'answer-offer': { ask: { shareId: string; isAccepted: boolean }; reply: Result<unknown> };
  /** Lets a hub join again although it is online: once, within 15 minutes. */
  'approve-rejoin': { ask: { hubId: HubId }; reply: Result<{ expiresAt: string }> };
  'dismiss-notice': { ask: { hubId: HubId; noticeId: string }; reply: Result<unknown> };
  'remove-browser': { ask: { hubId: HubId; nodeId: string }; reply: Result<unknown> };
  /** A report for a bug tracker, as text. No names, keys, addresses or terminal content. */
  diagnostics: { ask: object; reply: Result<string> };
  /** Installs the update that is ready: all pages close, and terminals open again. */
  'install-update': { ask: object; reply: null };
  // from the offscreen document
  /** The worker ended by itself: what the program last wrote, after a panic its stack. */
  'worker-ended': { ask: { lastWords: string }; reply: null };
  'worker-started': { ask: object; reply: OffscreenMessages['hold']['ask'] };
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
  /** A hub's changes are told as they happen from now on, or no longer. */
  'hub-watched': { ask: { hubId: HubId; isWatched: boolean }; reply: null };
}

/** Messages to the offscreen document. */
export interface OffscreenMessages extends HubActions {
  /** Joins units that are not joined yet, in this order, and keeps them; leaves the others. Watches those in `watch`. */
  hold: { ask: { hubIds: HubId[]; watch: HubId[] }; reply: null };
  'read-sessions': { ask: { hubIds: HubId[] }; reply: null };
  /** Joins a unit anew as the same node: what is known of its hub changed. Its channels end. */
  rejoin: { ask: { hubIds: HubId[] }; reply: null };
  diagnostics: { ask: object; reply: WorkerDiagnostics };
  /** Logs every node out. */
  'leave-all': { ask: object; reply: null };
}
