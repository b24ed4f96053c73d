import { z } from 'zod';
import { HubId } from './ids.ts';
import { HubSession, MAX_HEARTBEAT_SESSIONS, SshUser, TmuxLocation } from './hubs.ts';

/** Public half of the hub's Ed25519 key (RFC 8037). */
export const HubPublicKey = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'expected 32 bytes of base64url'),
});
export type HubPublicKey = z.infer<typeof HubPublicKey>;

/** `POST /v1/hub/register`, with the join token as bearer. */
export const HubRegistration = z.object({
  name: z.string().trim().min(1).max(64),
  publicKey: HubPublicKey,
  sshUser: SshUser,
  tmux: TmuxLocation,
  hubtabPath: z.string().startsWith('/'),
});
export type HubRegistration = z.infer<typeof HubRegistration>;

export const HubRegistered = z.object({
  hubId: HubId,
  name: z.string(),
  /** What the server calls itself: the audience of the hub's assertions, whatever name the hub reaches it by. */
  issuer: z.url(),
});
export type HubRegistered = z.infer<typeof HubRegistered>;

/** `POST /v1/hub/key`: one use, not ephemeral. */
export const HubKey = z.object({
  authKey: z.string(),
  controlUrl: z.url(),
  expiresAt: z.iso.datetime(),
  hostname: z.string(),
});
export type HubKey = z.infer<typeof HubKey>;

/** `POST /v1/hub/heartbeat`. The first one after a join registers the node the browsers may talk to. */
export const Heartbeat = z.object({
  /** `nodekey:<hex>` of the hub's own node. */
  nodeKey: z.string().regex(/^nodekey:[0-9a-f]{64}$/),
  /** SSH host keys in authorized_keys form, `<type> <base64>`. */
  hostKeys: z
    .array(z.string().regex(/^[a-z0-9@.-]+ [A-Za-z0-9+/=]+$/))
    .min(1)
    .max(8),
  tmux: TmuxLocation,
  hubtabPath: z.string().startsWith('/'),
  versions: z.object({ hubtab: z.string(), tailscale: z.string(), tmux: z.string() }),
  /** If unset, the hub does not say: a version of before sessions were told. */
  sessions: z.array(HubSession).max(MAX_HEARTBEAT_SESSIONS).optional(),
});
export type Heartbeat = z.infer<typeof Heartbeat>;

/** A closed list: the server can never send a URL or a command. */
export const HubOrder = z.enum(['rejoin', 'leave']);
export type HubOrder = z.infer<typeof HubOrder>;
export const HeartbeatAnswer = z.object({ orders: z.array(HubOrder) });
