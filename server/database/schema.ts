/** The tables. Times are `…Ms`: milliseconds since 1970 in UTC. Secrets are here only as SHA-256 (`hash`). */
export interface Tables {
  accounts: AccountsTable;
  token_families: TokenFamiliesTable;
  access_tokens: AccessTokensTable;
  refresh_tokens: RefreshTokensTable;
  pairing_codes: PairingCodesTable;
  join_tokens: JoinTokensTable;
  hubs: HubsTable;
  issued_keys: IssuedKeysTable;
  used_assertions: UsedAssertionsTable;
  audit: AuditTable;
  audit_head: AuditHeadTable;
  shares: SharesTable;
  browser_cuts: BrowserCutsTable;
  rejoin_approvals: RejoinApprovalsTable;
  hub_notices: HubNoticesTable;
  kept_answers: KeptAnswersTable;
  invitations: InvitationsTable;
  authorization_codes: AuthorizationCodesTable;
  device_codes: DeviceCodesTable;
  auth_users: AuthUsersTable;
  auth_sessions: AuthSessionsTable;
  auth_verifications: AuthVerificationsTable;
  auth_accounts: AuthAccountsTable;
  auth_two_factors: AuthTwoFactorsTable;
  auth_passkeys: AuthPasskeysTable;
  shards: ShardsTable;
  unknown_nodes: UnknownNodesTable;
}

export interface AccountsTable {
  id: string;
  /** Lower case. */
  email: string;
  role: 'admin' | 'member';
  status: 'active' | 'disabled';
  hub_limit: number;
  created_at_ms: number;
}

/** All tokens that descend from one sign-in: they die together. */
export interface TokenFamiliesTable {
  id: string;
  account_id: string;
  /** Space-separated, as in RFC 6749. */
  scope: string;
  created_at_ms: number;
  /** Absolute: rotation does not move it. */
  expires_at_ms: number;
  /** Each refresh moves it; null in families from before it was kept. */
  idle_expires_at_ms: number | null;
  /** The last refresh; null before the first. */
  used_at_ms: number | null;
  /** How it signed in; null in families of the development door. */
  client: GrantClient | null;
  /** What the person is shown: "Chromium 156 on Linux". */
  label: string | null;
  /** Where the sign-in came from. */
  address: string | null;
  /** SHA-256 thumbprint of the key that every use must prove (RFC 9449); null for plain bearer tokens. */
  key_thumbprint: string | null;
}

export type GrantClient = 'browser' | 'pairing-code' | 'device';

/** Belongs to a family (extension) or to a hub, never both. */
export interface AccessTokensTable {
  hash: string;
  family_id: string | null;
  hub_id: string | null;
  scope: string;
  expires_at_ms: number;
}

interface RefreshTokensTable {
  hash: string;
  family_id: string;
  /** Set when exchanged; a second use means that it was stolen. */
  used_at_ms: number | null;
}

export interface PairingCodesTable {
  hash: string;
  account_id: string;
  expires_at_ms: number;
  used_at_ms: number | null;
}

export interface JoinTokensTable {
  hash: string;
  account_id: string;
  expires_at_ms: number;
  used_at_ms: number | null;
  /** The hub it made: the same machine may repeat a registration whose answer was lost. */
  hub_id: string | null;
}

export interface HubsTable {
  id: string;
  account_id: string;
  /** Which Headscale holds the unit; one for now. */
  shard_id: string;
  /** `deleting` is the intent, kept until Headscale holds nothing of the unit; `deleted` tells the hub to leave. */
  state: 'active' | 'deleting' | 'deleted';
  name: string;
  ssh_user: string;
  /** `x` of the Ed25519 public key, base64url. */
  public_key: string;
  tmux_path: string;
  tmux_socket: string;
  hubtab_path: string;
  headscale_user_id: string | null;
  /** The one node browsers may talk to; the four are set together by a verified heartbeat. */
  node_id: string | null;
  node_key: string | null;
  node_ip: string | null;
  /** JSON array of strings. */
  host_keys: string | null;
  /** JSON of the heartbeat's `versions`. */
  versions: string | null;
  last_heartbeat_ms: number | null;
  created_at_ms: number;
  deleted_at_ms: number | null;
}

/** One row before each Headscale key is asked for, so a crash in between leaves a trace. Never the key itself. */
export interface IssuedKeysTable {
  id: string;
  hub_id: string;
  /** Who asked; null when the hub asked for itself. */
  account_id: string | null;
  kind: 'hub' | 'browser';
  /** Which browser profile of the account asked; null when it did not say, or for a hub. */
  instance: string | null;
  state: 'pending' | 'issued' | 'spent';
  headscale_key_id: string | null;
  /** The sign-in that asked; null for hubs, and for tokens that live in memory only. */
  grant_id: string | null;
  /** When a node was first seen that joined with it. */
  used_at_ms: number | null;
  /** When the request came in, before it was looked at: a cut is compared with it. */
  created_at_ms: number;
  expires_at_ms: number;
}

/** `jti`s of client assertions (RFC 7523), remembered until they would have expired anyway. */
interface UsedAssertionsTable {
  hash: string;
  expires_at_ms: number;
}

/** What happened, in order and without a gap. Rows are never changed. No reference to other tables: they outlive them. */
export interface AuditTable {
  seq: number;
  at_ms: number;
  event: string;
  /** Whose account it is about, or who did it where nobody else is meant. */
  account_id: string | null;
  hub_id: string | null;
  /** JSON of the event's other fields, hashed as it stands here. */
  detail: string;
  /** SHA-256 over the previous row's hash and this row. */
  hash: string;
}

/** One row, the end of the chain. Its lock makes writers wait for each other, so the chain never forks. */
interface AuditHeadTable {
  id: number;
  seq: number;
  hash: string;
}

/** A hub that its owner offers to another account. No row means not shared: an ended share is deleted. */
export interface SharesTable {
  id: string;
  hub_id: string;
  /** Lower case, as the owner typed it. */
  guest_email: string;
  /** The account that had the address when the offer was made; null if none: nobody can accept it then. */
  guest_id: string | null;
  /** `declined` looks like `offered` to the owner, who would learn from it that there is such an account. */
  state: 'offered' | 'declined' | 'accepted';
  created_at_ms: number;
  /** An offer that nobody accepted ends; an accepted one stays. */
  expires_at_ms: number;
}

/**
 * The intent to cut browsers off: those that joined with a key asked for until `created_at_ms` by the named account or
 * sign-in, on the named hub; null names all. Kept a while after it is finished, for keys that were being made meanwhile.
 */
export interface BrowserCutsTable {
  id: string;
  hub_id: string | null;
  account_id: string | null;
  grant_id: string | null;
  created_at_ms: number;
  finished_at_ms: number | null;
}

/** The owner lets a hub join again although its node is live: once, for a while. */
interface RejoinApprovalsTable {
  hub_id: string;
  expires_at_ms: number;
  /** Set when a key was asked for. */
  used_at_ms: number | null;
  /** The key that was made for it: its node may take the place of the live one. */
  headscale_key_id: string | null;
}

/** Something about a hub's node that its owner should look at. */
export interface HubNoticesTable {
  id: string;
  hub_id: string;
  kind:
    | 'node-replaced'
    | 'second-node-removed'
    | 'key-refused'
    | 'host-keys-changed'
    | 'unknown-node';
  created_at_ms: number;
}

/** The answer to a request with an Idempotency-Key, for the 2 minutes in which it may be repeated. */
export interface KeptAnswersTable {
  /** SHA-256 of account, hub and Idempotency-Key. */
  id: string;
  hub_id: string;
  account_id: string;
  request_hash: string;
  /** Encrypted JSON (seal.ts); null while it is being made. */
  sealed: string | null;
  expires_at_ms: number;
}

/** A link that makes one account. `setup` makes the first admin. */
export interface InvitationsTable {
  id: string;
  hash: string;
  kind: 'setup' | 'invitation';
  role: AccountsTable['role'];
  /** Whom it is for; null if whoever has the link says so. */
  email: string | null;
  invited_by: string | null;
  created_at_ms: number;
  expires_at_ms: number;
  used_at_ms: number | null;
}

/** An answer of `/oauth2/authorize` on its way to the extension. */
export interface AuthorizationCodesTable {
  hash: string;
  account_id: string;
  redirect_uri: string;
  /** S256 challenge of RFC 7636. */
  challenge: string;
  scope: string;
  key_thumbprint: string | null;
  label: string;
  address: string;
  expires_at_ms: number;
  used_at_ms: number | null;
  /** What it was exchanged for: a second use ends that. */
  family_id: string | null;
}

/** A machine or browser that waits for a person to approve it (RFC 8628). */
export interface DeviceCodesTable {
  hash: string;
  user_code_hash: string;
  client: string;
  scope: string;
  /** What it calls itself: a host name, or a browser. Hostile. */
  label: string;
  address: string;
  key_thumbprint: string | null;
  state: 'waiting' | 'approved' | 'denied' | 'spent';
  account_id: string | null;
  polled_at_ms: number | null;
  expires_at_ms: number;
}

/** better-auth's tables, as far as we touch them ourselves. Dates are ISO text in SQLite, Date in Postgres. */
interface AuthUsersTable {
  /** The account's. */
  id: string;
  name: string;
  email: string;
  emailVerified: boolean | number;
  image: string | null;
  createdAt: Date | string;
  updatedAt: Date | string;
  twoFactorEnabled: boolean | number | null;
}

/** How a session proved who it is. */
export type SignInMethod = 'password' | 'totp' | 'backup-code' | 'passkey' | 'oidc';

interface AuthSessionsTable {
  id: string;
  token: string;
  userId: string;
  expiresAt: Date | string;
  createdAt: Date | string;
  updatedAt: Date | string;
  ipAddress: string | null;
  userAgent: string | null;
  method: SignInMethod;
}

interface AuthVerificationsTable {
  id: string;
  expiresAt: Date | string;
}

interface AuthAccountsTable {
  id: string;
  /** The provider's name for the person; the account's id for passwords. */
  accountId: string;
  /** `credential` for passwords. */
  providerId: string;
  userId: string;
  password: string | null;
  accessToken: string | null;
  refreshToken: string | null;
  idToken: string | null;
  createdAt: Date | string;
  updatedAt: Date | string;
}

interface AuthTwoFactorsTable {
  id: string;
  userId: string;
  verified: boolean | number | null;
}

interface AuthPasskeysTable {
  id: string;
  userId: string;
  name: string | null;
  createdAt: Date | string | null;
}

/** One Headscale. The sentinel is a user in it without nodes: gone, it tells that Headscale lost its database. */
export interface ShardsTable {
  id: string;
  sentinel: string;
  /** 1 once Headscale has the sentinel; before that its absence means nothing. */
  is_confirmed: number;
}

/** Nodes in our units that joined with no key of ours. They are expired at once and deleted some minutes later. */
export interface UnknownNodesTable {
  shard_id: string;
  node_id: string;
  /** The unit they are in: name of the Headscale user. */
  unit: string;
  hostname: string;
  found_at_ms: number;
}
