import { z } from 'zod';
import { HubId, Ulid } from './ids.ts';

/** A Unix user that terminals may run as. */
export const SshUser = z
  .string()
  .regex(/^[a-z_][a-z0-9_.-]{0,31}$/, 'expected a Unix user name')
  .refine(
    (user) => user !== 'root',
    'root cannot be used: the network policy lets nobody in as root',
  );

/** Where tmux is on a hub: absolute, because commands over SSH see no login PATH. */
export const TmuxLocation = z.object({
  /** Absolute path of the tmux program. */
  path: z.string().startsWith('/'),
  /** Absolute path of the tmux server's socket (`tmux -S`). */
  socket: z.string().startsWith('/'),
});
export type TmuxLocation = z.infer<typeof TmuxLocation>;

/** A hub with more sessions names those that need a person most. With names of full length 8 KiB of a body. */
export const MAX_HEARTBEAT_SESSIONS = 40;
/** In characters; longer names are cut. */
export const MAX_SESSION_NAME = 100;

/** One tmux session in a heartbeat: never a title, a question, or what is on its screen. */
export const HubSession = z.object({
  name: z
    .string()
    .min(1)
    .max(2 * MAX_SESSION_NAME),
  state: z.enum(['working', 'waiting', 'done', 'failed', 'unknown']),
  /** Whether `hubtab agent start` made it. */
  isAgent: z.boolean(),
});
export type HubSession = z.infer<typeof HubSession>;

/** An offer of a hub to another account, as the hub's owner sees it. */
export const Share = z.object({
  id: Ulid,
  /** Whom it was offered to. */
  email: z.string(),
  /** `offered` until accepted, also when declined, or when nobody has that address. */
  state: z.enum(['offered', 'accepted']),
  createdAt: z.iso.datetime(),
});
export type Share = z.infer<typeof Share>;

/** Something about a hub's node that its owner should look at. */
export const HubNotice = z.object({
  id: Ulid,
  /**
   * - `node-replaced`: the hub joined as another node than before
   * - `second-node-removed`: another machine with the hub's key joined beside it, and was removed
   * - `key-refused`: somebody with the hub's key asked to join although the hub is online; the owner may approve
   * - `host-keys-changed`: the hub told other SSH host keys than before
   * - `unknown-node`: a node was in the hub's network that this server let nobody in as, and was cut off
   */
  kind: z.enum([
    'node-replaced',
    'second-node-removed',
    'key-refused',
    'host-keys-changed',
    'unknown-node',
  ]),
  createdAt: z.iso.datetime(),
});
export type HubNotice = z.infer<typeof HubNotice>;

/** One hub as an account sees it that may reach it. */
export const Hub = z.object({
  id: HubId,
  name: z.string(),
  /** A guest may open terminals; what concerns the hub itself is the owner's. */
  role: z.enum(['owner', 'guest']),
  /** Address of the owner's account. */
  owner: z.string(),
  online: z.boolean(),
  /** When Headscale last heard from the hub's node; null before it first joined. */
  lastSeenAt: z.iso.datetime().nullable(),
  /** The Unix user that terminals run as. */
  sshUser: z.string(),
  /** Tailnet address of the hub's node; null before it first joined. */
  ip: z.string().nullable(),
  tmux: TmuxLocation,
  /** Absolute path of the hubtab program on the hub. */
  hubtabPath: z.string().startsWith('/'),
  createdAt: z.iso.datetime(),
  /** As of its last heartbeat; absent when the hub is offline or has not said. */
  sessions: z.array(HubSession).optional(),
  /** Whom the hub is shared with or offered to. A guest sees only their own. */
  shares: z.array(Share),
  /** The newest first; empty for guests. */
  notices: z.array(HubNotice),
});
export type Hub = z.infer<typeof Hub>;

/** `GET /v1/hubs`. */
export const HubList = z.object({
  hubs: z.array(Hub),
  /** Set when Headscale did not answer: `online` and `lastSeenAt` are as of this time. */
  staleSince: z.iso.datetime().nullable(),
  /** Give it as `cursor` to get the next page; null on the last one. */
  nextCursor: z.string().nullable(),
});
export type HubList = z.infer<typeof HubList>;

/** `PATCH /v1/hubs/{id}`: absent fields stay as they are. */
export const HubPatch = z
  .object({
    name: z.string().trim().min(1).max(64).optional(),
    sshUser: SshUser.optional(),
  })
  .strict()
  .refine((patch) => Object.keys(patch).length > 0, 'name at least one field to change');
export type HubPatch = z.infer<typeof HubPatch>;

/** Body of `POST /v1/hubs/{id}/browser-key`; may be left out. */
export const BrowserKeyRequest = z.object({
  /**
   * A random name that one browser profile gives itself; no secret. A node that joined with an earlier key of the same
   * instance is cut once it is away. If unset, it stays until Headscale forgets it.
   */
  instance: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,64}$/, 'expected 16 to 64 letters, digits, - or _')
    .optional(),
});
export type BrowserKeyRequest = z.infer<typeof BrowserKeyRequest>;

/** `POST /v1/hubs/{id}/browser-key`: what a browser needs to join one unit. Never cached, never logged. */
export const BrowserKey = z.object({
  /** One-use, ephemeral Headscale pre-auth key. */
  authKey: z.string(),
  /** Base URL of Headscale as browsers and hubs reach it. */
  controlUrl: z.url(),
  expiresAt: z.iso.datetime(),
  /** Node name to register under, chosen by the server so that names of others cannot be guessed. */
  hostname: z.string(),
  /** The one node of the unit that the browser may talk to. */
  hub: z.object({
    name: z.string(),
    ip: z.string(),
    /** `nodekey:<hex>` as Headscale prints it. */
    nodeKey: z.string(),
    /** SSH host keys in authorized_keys form, `<type> <base64>`. */
    hostKeys: z.array(z.string()).min(1),
    sshUser: z.string(),
    tmux: TmuxLocation,
    hubtabPath: z.string(),
  }),
});
export type BrowserKey = z.infer<typeof BrowserKey>;

/** `POST /v1/hubs/join-tokens`. */
export const JoinToken = z.object({
  /** One use, bound to the account. */
  token: z.string(),
  expiresAt: z.iso.datetime(),
  /** The line to run on the machine that becomes a hub. */
  command: z.string(),
});
export type JoinToken = z.infer<typeof JoinToken>;

/** `POST /v1/hubs/{id}/rejoin-approval`: until then the hub gets one key although its node is live. */
export const RejoinApproval = z.object({ expiresAt: z.iso.datetime() });

/** One live browser node of a unit, `GET /v1/hubs/{id}/browsers`. */
export const BrowserNode = z.object({
  nodeId: z.string(),
  /** Address of the account whose browser it is; null if the server no longer knows. */
  account: z.string().nullable(),
  hostname: z.string(),
  online: z.boolean(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime().nullable(),
});
export type BrowserNode = z.infer<typeof BrowserNode>;
export const BrowserNodeList = z.object({ browsers: z.array(BrowserNode) });
