import type { FaultCode } from './contexts.ts';

/** A heading of `docs/troubleshooting.md`, as the anchor that leads to it. */
type HelpSection =
  | 'the-server-does-not-answer'
  | 'the-server-answers-terminals-do-not-open'
  | 'a-hub-is-offline-or-silent'
  | 'the-host-key-is-in-doubt'
  | 'not-allowed-in'
  | 'a-code-or-a-line-is-refused'
  | 'the-hub-is-there-the-session-is-not';

/** Under which heading a fault has its place: a new code does not compile before it has one. */
export const HELP_SECTIONS: Record<FaultCode, HelpSection> = {
  // Node and SSH
  'bad-argument': 'the-server-answers-terminals-do-not-open',
  'key-refused': 'the-server-answers-terminals-do-not-open',
  'control-unreachable': 'the-server-answers-terminals-do-not-open',
  'version-too-old': 'the-server-answers-terminals-do-not-open',
  'clock-wrong': 'a-hub-is-offline-or-silent',
  'node-deleted': 'the-server-answers-terminals-do-not-open',
  'hub-not-found': 'a-hub-is-offline-or-silent',
  'hub-offline': 'a-hub-is-offline-or-silent',
  'hub-unreachable': 'a-hub-is-offline-or-silent',
  'host-key-mismatch': 'the-host-key-is-in-doubt',
  'host-key-unlisted': 'the-host-key-is-in-doubt',
  'host-key-changed': 'the-host-key-is-in-doubt',
  'host-key-absent': 'the-host-key-is-in-doubt',
  'port-unreachable': 'a-hub-is-offline-or-silent',
  'unknown-user': 'not-allowed-in',
  'access-denied': 'not-allowed-in',
  'connection-lost': 'a-hub-is-offline-or-silent',
  left: 'the-server-answers-terminals-do-not-open',
  internal: 'the-server-answers-terminals-do-not-open',

  // Server
  'bad-request': 'the-server-does-not-answer',
  unauthorized: 'not-allowed-in',
  'token-expired': 'not-allowed-in',
  forbidden: 'not-allowed-in',
  'not-found': 'a-code-or-a-line-is-refused',
  'method-not-allowed': 'the-server-does-not-answer',
  conflict: 'a-code-or-a-line-is-refused',
  'body-too-large': 'the-server-answers-terminals-do-not-open',
  'idempotency-key-reused': 'the-server-answers-terminals-do-not-open',
  'rate-limited': 'a-code-or-a-line-is-refused',
  'pairing-code-unknown': 'a-code-or-a-line-is-refused',
  'pairing-code-used': 'a-code-or-a-line-is-refused',
  'pairing-code-expired': 'a-code-or-a-line-is-refused',
  'join-token-unknown': 'a-code-or-a-line-is-refused',
  'join-token-used': 'a-code-or-a-line-is-refused',
  'join-token-expired': 'a-code-or-a-line-is-refused',
  'hub-not-joined': 'a-hub-is-offline-or-silent',
  'hub-node-live': 'a-hub-is-offline-or-silent',
  'headscale-unavailable': 'the-server-answers-terminals-do-not-open',

  // Extension
  'not-configured': 'not-allowed-in',
  'sign-in-closed': 'not-allowed-in',
  'no-sign-in-window': 'not-allowed-in',
  'code-denied': 'a-code-or-a-line-is-refused',
  'code-expired': 'a-code-or-a-line-is-refused',
  'signed-out': 'not-allowed-in',
  'permission-missing': 'not-allowed-in',
  'bad-address': 'a-code-or-a-line-is-refused',
  'server-unreachable': 'the-server-does-not-answer',
  'not-hubtab': 'the-server-does-not-answer',
  'extension-too-old': 'the-server-does-not-answer',
  'server-too-old': 'the-server-does-not-answer',
  'hub-removed': 'not-allowed-in',
  'session-name-refused': 'the-hub-is-there-the-session-is-not',
  'session-gone': 'the-hub-is-there-the-session-is-not',
  'tmux-missing': 'the-hub-is-there-the-session-is-not',
  'hubtab-missing': 'the-hub-is-there-the-session-is-not',
  'agent-refused': 'the-hub-is-there-the-session-is-not',
  'worker-lost': 'the-server-answers-terminals-do-not-open',
};

/** The heading of a fault; undefined for a code that is none, as forms have of their own. */
export function helpSection(code: string): string | undefined {
  return Object.hasOwn(HELP_SECTIONS, code) ? HELP_SECTIONS[code as FaultCode] : undefined;
}
