import type { FaultCode } from '../protocol/contexts.ts';

/** What a page offers under a fault. Each page knows how to do those that can reach it. */
export type FaultAction =
  | 'retry'
  | 'set-up'
  | 'sign-in'
  | 'allow-access'
  | 'change-address'
  | 'new-line'
  | 'other-sessions'
  | 'close-tab'
  | 'check-key'
  | 'none';

export interface FaultWords {
  title: string;
  /** Cause, then what to do: two short sentences at most. */
  sentence: string;
  action: FaultAction;
}

interface FaultEntry {
  action: FaultAction;
  /** Whether the catalogue has another sentence for the forms of the options page, where nothing is connected yet. */
  inForm?: true;
  /** Whether it has another one for the popup, under a hub, where no session is open. */
  inList?: true;
}

/** One entry for each code: a new code does not compile before it is here. Its words are in the catalogue. */
export const FAULTS: Record<FaultCode, FaultEntry> = {
  // Node and SSH
  'bad-argument': { action: 'retry' },
  'key-refused': { action: 'retry' },
  'control-unreachable': { action: 'retry' },
  'version-too-old': { action: 'none' },
  'clock-wrong': { action: 'retry' },
  'node-deleted': { action: 'retry' },
  'hub-not-found': { action: 'retry' },
  'hub-offline': { action: 'retry', inList: true },
  'hub-unreachable': { action: 'retry', inList: true },
  'host-key-mismatch': { action: 'close-tab' },
  'host-key-unlisted': { action: 'close-tab' },
  'host-key-changed': { action: 'close-tab' },
  'host-key-absent': { action: 'retry' },
  'port-unreachable': { action: 'retry' },
  'unknown-user': { action: 'retry' },
  'access-denied': { action: 'close-tab' },
  'connection-lost': { action: 'retry', inList: true },
  left: { action: 'retry' },
  internal: { action: 'retry' },

  // Server
  'bad-request': { action: 'retry' },
  unauthorized: { action: 'sign-in' },
  'token-expired': { action: 'sign-in' },
  forbidden: { action: 'none' },
  'not-found': { action: 'retry' },
  'method-not-allowed': { action: 'none' },
  conflict: { action: 'retry' },
  'body-too-large': { action: 'none' },
  'idempotency-key-reused': { action: 'retry' },
  'rate-limited': { action: 'retry' },
  'pairing-code-unknown': { action: 'none' },
  'pairing-code-used': { action: 'none' },
  'pairing-code-expired': { action: 'none' },
  'join-token-unknown': { action: 'new-line' },
  'join-token-used': { action: 'new-line' },
  'join-token-expired': { action: 'new-line' },
  'hub-not-joined': { action: 'retry' },
  'hub-node-live': { action: 'retry' },
  'headscale-unavailable': { action: 'retry', inForm: true },

  // Extension
  'not-configured': { action: 'set-up' },
  'sign-in-closed': { action: 'sign-in', inForm: true },
  'no-sign-in-window': { action: 'sign-in' },
  'code-denied': { action: 'sign-in' },
  'code-expired': { action: 'sign-in' },
  'signed-out': { action: 'sign-in' },
  'permission-missing': { action: 'allow-access', inForm: true },
  'bad-address': { action: 'other-sessions', inForm: true },
  'server-unreachable': { action: 'retry', inForm: true, inList: true },
  'not-hubtab': { action: 'change-address' },
  'extension-too-old': { action: 'retry', inList: true },
  'server-too-old': { action: 'retry', inList: true },
  'hub-removed': { action: 'close-tab' },
  'session-name-refused': { action: 'other-sessions' },
  'session-gone': { action: 'other-sessions' },
  'tmux-missing': { action: 'retry' },
  'hubtab-missing': { action: 'retry' },
  'agent-refused': { action: 'retry' },
  'worker-lost': { action: 'retry' },
};
