/**
 * What is recorded. A name says what happened, in the past.
 * - sign-in and accounts: by people and their browsers
 * - hubs, keys, nodes, shares: who may reach which machine
 * - the server's own state, where a person should be able to find out later what was wrong
 */
type AuditEventName =
  | 'setup-finished'
  | 'signed-in'
  | 'sign-in-failed'
  | 'signed-out'
  | 'signed-out-everywhere'
  | 'refresh-token-reused'
  | 'factors-changed'
  | 'password-changed'
  | 'account-created'
  | 'account-changed'
  | 'account-disabled'
  | 'account-enabled'
  | 'invitation-created'
  | 'invitation-accepted'
  | 'invitation-removed'
  | 'pairing-code-created'
  | 'pairing-code-used'
  | 'device-approved'
  | 'device-denied'
  | 'join-token-created'
  | 'hub-registered'
  | 'hub-changed'
  | 'hub-removed'
  | 'hub-node-registered'
  | 'hub-key-approved'
  | 'second-hub-node'
  | 'key-issued'
  | 'key-used'
  | 'node-cut'
  | 'node-reaped'
  | 'unknown-node-found'
  | 'unknown-node-removed'
  | 'share-offered'
  | 'share-accepted'
  | 'share-removed'
  | 'policy-drift-found'
  | 'policy-restored'
  | 'headscale-reset-found'
  | 'api-key-rotated'
  | 'audit-exported'
  | 'backup-made'
  | 'backup-restored';

/**
 * One event. A closed list of fields, like the log's: there is no place for a secret. Never a token, a code, a key or
 * what somebody typed into a field of a sign-in form (people type passwords into the wrong one).
 */
export interface AuditEvent {
  event: AuditEventName;
  /** Whose account it is about, or who did it where nobody else is meant. */
  accountId?: string | null | undefined;
  /** Who did it, if another account than `accountId`. */
  byAccountId?: string | undefined;
  hubId?: string | undefined;
  /** Headscale's id of a node. */
  nodeId?: string | undefined;
  /** Our id of an issued key, never the key. */
  keyId?: string | undefined;
  shareId?: string | undefined;
  /** What kind of thing: of key `hub` or `browser`, of sign-in `password`, `passkey`, `oidc`, … */
  kind?: string | undefined;
  /** From where: an IP address. */
  address?: string | undefined;
  /** Names of what changed, never values. */
  changed?: readonly string[] | undefined;
  /** Why, one of our own words or sentences. */
  reason?: string | undefined;
  count?: number | undefined;
}
