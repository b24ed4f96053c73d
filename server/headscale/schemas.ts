import { z } from 'zod';

/** Go prints the zero time for "never". */
const ZERO_TIME = '0001-01-01T00:00:00Z';

/** A time of Headscale as ms since 1970; null when absent or Go's zero time. */
const TimeMs = z
  .string()
  .nullish()
  .transform((text) => (text && text !== ZERO_TIME ? Date.parse(text) : null));

export const HeadscaleUser = z.object({ id: z.string(), name: z.string() });
export type HeadscaleUser = z.infer<typeof HeadscaleUser>;

export const HeadscaleKey = z.object({
  id: z.string(),
  user: HeadscaleUser.nullish(),
  ephemeral: z.boolean(),
  used: z.boolean(),
  expiration: TimeMs,
});
export type HeadscaleKey = z.infer<typeof HeadscaleKey>;

/** The answer to making a key, the only one that holds the secret. */
export const MadeKey = HeadscaleKey.extend({ key: z.string().startsWith('hskey-auth-') });
export type MadeKey = z.infer<typeof MadeKey>;

export const HeadscaleNode = z.object({
  id: z.string(),
  nodeKey: z.string(),
  ipAddresses: z.array(z.string()),
  givenName: z.string(),
  user: HeadscaleUser.nullish(),
  preAuthKey: z.object({ id: z.string(), ephemeral: z.boolean() }).nullish(),
  lastSeen: TimeMs,
  expiry: TimeMs,
  createdAt: TimeMs,
  online: z.boolean(),
});
export type HeadscaleNode = z.infer<typeof HeadscaleNode>;

export const UserAnswer = z.object({ user: HeadscaleUser });
export const UsersAnswer = z.object({ users: z.array(HeadscaleUser) });
export const NodesAnswer = z.object({ nodes: z.array(HeadscaleNode) });
export const KeyAnswer = z.object({ preAuthKey: MadeKey });
export const KeysAnswer = z.object({ preAuthKeys: z.array(HeadscaleKey) });
export const PolicyAnswer = z.object({ policy: z.string() });
export const VersionAnswer = z.object({ version: z.string() });
export const EmptyAnswer = z.object({});

/** What error bodies carry, whatever the version. */
export const FailureAnswer = z.object({
  message: z.string().optional(),
  detail: z.string().optional(),
  title: z.string().optional(),
});
