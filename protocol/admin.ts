import { z } from 'zod';
import { HubId, Ulid } from './ids.ts';

/** How many of a list come at once, and where the next ones start. */
const nextCursor = z.string().nullable().describe('Give it as cursor for the next page');

/** An account as an admin sees it. Never what it has on its machines. */
export const AdminAccount = z.object({
  id: Ulid,
  email: z.string(),
  role: z.enum(['admin', 'member']),
  status: z.enum(['active', 'disabled']),
  createdAt: z.iso.datetime(),
  /** The last time that one of its browsers or pages signed in or came back; null if it never did. */
  lastActiveAt: z.iso.datetime().nullable(),
  /** Beside the password. */
  factors: z.object({ passkeys: z.number().int(), totp: z.boolean(), oidc: z.boolean() }),
  hubs: z.number().int(),
  /** Extensions that are signed in. */
  signIns: z.number().int(),
  /** Of {@link AdminBrowser}. */
  liveBrowsers: z.number().int(),
});
export type AdminAccount = z.infer<typeof AdminAccount>;
export const AdminAccountList = z.object({ accounts: z.array(AdminAccount), nextCursor });

/** `PATCH /v1/admin/accounts/{id}`: absent fields stay as they are. */
export const AdminAccountPatch = z
  .object({
    status: AdminAccount.shape.status.optional(),
    role: AdminAccount.shape.role.optional(),
  })
  .strict()
  .refine((patch) => Object.keys(patch).length > 0, 'name at least one field to change');

/** A link that makes one account, before somebody uses it. The link itself is shown once, to whoever made it. */
export const AdminInvitation = z.object({
  id: Ulid,
  /** Null if whoever has the link says so. */
  email: z.string().nullable(),
  role: AdminAccount.shape.role,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type AdminInvitation = z.infer<typeof AdminInvitation>;
export const AdminInvitationList = z.object({ invitations: z.array(AdminInvitation) });

/** `POST /v1/admin/invitations`. */
export const AdminInvitationRequest = z
  .object({ email: z.email().max(254), role: AdminAccount.shape.role.default('member') })
  .strict();
export const AdminInvitationLink = z.object({
  /** Works once. */
  url: z.url(),
  expiresAt: z.iso.datetime(),
});

/** A hub as an admin sees it: no session, no title, no address. */
export const AdminHub = z.object({
  id: HubId,
  name: z.string(),
  /** Address of the account. */
  owner: z.string(),
  /** Accounts that accepted it. */
  sharedWith: z.number().int(),
  sshUser: z.string(),
  tmuxVersion: z.string().nullable(),
  tailscaleVersion: z.string().nullable(),
  online: z.boolean(),
  lastSeenAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  /** Nodes in its unit that joined with no key of this server. They are cut off already. */
  unknownNodes: z.number().int(),
});
export type AdminHub = z.infer<typeof AdminHub>;

/** Set when Headscale did not answer: what is live is as of this time. */
const staleSince = z.iso.datetime().nullable();
export const AdminHubList = z.object({ hubs: z.array(AdminHub), staleSince, nextCursor });

/** A browser on the net of one hub. */
export const AdminBrowser = z.object({
  nodeId: z.string(),
  /** Address of the account; null if the server no longer knows. */
  account: z.string().nullable(),
  /** What the sign-in called itself, `Chromium 156 on Linux`; null if the server no longer knows. */
  label: z.string().nullable(),
  hub: z.object({ id: HubId, name: z.string() }),
  online: z.boolean(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime().nullable(),
});
export type AdminBrowser = z.infer<typeof AdminBrowser>;
export const AdminBrowserList = z.object({ browsers: z.array(AdminBrowser), staleSince });

/** A key that let a node in, or still may. Never the key itself, which nobody keeps. */
export const AdminKey = z.object({
  id: z.string(),
  kind: z.enum(['hub', 'browser']),
  hub: z.object({ id: HubId, name: z.string() }),
  /** Address of the account that asked; null when the hub asked for itself. */
  account: z.string().nullable(),
  /**
   * - `pending`: Headscale has not answered
   * - `open`: not used yet
   * - `used`: a node joined with it
   * - `ended`: expired, or taken back
   */
  state: z.enum(['pending', 'open', 'used', 'ended']),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  usedAt: z.iso.datetime().nullable(),
});
export type AdminKey = z.infer<typeof AdminKey>;
export const AdminKeyList = z.object({ keys: z.array(AdminKey), nextCursor });

/** An entry of the audit log. */
export const AdminAuditEntry = z.object({
  seq: z.number().int(),
  at: z.iso.datetime(),
  event: z.string(),
  /** Address of the account it is about; null for the server's own doings, and for accounts that are gone. */
  account: z.string().nullable(),
  /** Address of who did it, if it was another account. */
  by: z.string().nullable(),
  hub: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
  /** From where: an IP address. */
  address: z.string().nullable(),
  /** Its other fields, in words. */
  detail: z.string(),
});
export type AdminAuditEntry = z.infer<typeof AdminAuditEntry>;
export const AdminAuditList = z.object({ entries: z.array(AdminAuditEntry), nextCursor });
export type AdminAuditList = z.infer<typeof AdminAuditList>;

/** Whether the audit log is what was written. */
export const AdminAuditVerdict = z.object({
  ok: z.boolean(),
  /** Entries there are, or the first that is wrong. */
  seq: z.number().int(),
  problem: z.enum(['changed', 'missing', 'not-the-end']).nullable(),
  /** Of the last entry, to keep elsewhere; null if the chain is broken. */
  hash: z.string().nullable(),
});

/** One thing that was looked at. */
export const HealthFinding = z.object({
  name: z.string(),
  state: z.enum(['good', 'warning', 'failed']),
  /** What is so, and what to do if it is not good. */
  text: z.string(),
});
export type HealthFinding = z.infer<typeof HealthFinding>;

/** `GET /v1/admin/health`. */
export const AdminHealth = z.object({
  /** The worst of the findings. */
  state: HealthFinding.shape.state,
  checkedAt: z.iso.datetime(),
  findings: z.array(HealthFinding),
  version: z.string(),
  startedAt: z.iso.datetime(),
  hubs: z.object({ online: z.number().int(), all: z.number().int() }),
  liveBrowsers: z.number().int(),
});
export type AdminHealth = z.infer<typeof AdminHealth>;

/** `POST /v1/admin/backups`. */
export const AdminBackup = z.object({
  /** Where it is on the server's machine. */
  path: z.string(),
  createdAt: z.iso.datetime(),
  bytes: z.number().int(),
});
