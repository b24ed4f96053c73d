import { z } from 'zod';
import type { AdminHub, AdminKey } from '../../protocol/admin.ts';
import { recordAudit } from '../audit/audit.ts';
import { makeCursor, readCursor } from '../cursor.ts';
import {
  findOwnedHub,
  listHubsFrom,
  listKeysBefore,
  listUnitsOfUnknownNodes,
  type OwnedHubRow,
} from '../database/admin.ts';
import type { Database } from '../database/database.ts';
import { listSharesOfHubs } from '../database/shares.ts';
import type { Account, Identity } from '../identity/identity.ts';
import { ApiError } from '../problem.ts';
import type { BrowserCuts } from '../units/browser-cuts.ts';
import { cutNodes } from '../units/cut-nodes.ts';
import { isOnline, nodeOf, type Hubs } from '../units/hubs.ts';
import type { NodeList } from '../units/node-directory.ts';
import type { Shards } from '../units/shards.ts';
import { unitName } from '../units/unit.ts';
import { findLiveBrowsers, toAdminBrowser } from './live-browsers.ts';
import type { ListPage } from './people.ts';

export interface NetOptions {
  db: Database;
  identity: Identity;
  shards: Shards;
  hubs: Hubs;
  cuts: BrowserCuts;
  clock: () => number;
}

const Versions = z.object({ tailscale: z.string(), tmux: z.string() });

/** Hubs, browsers and keys of all accounts, as an admin sees them. */
export class Net {
  readonly #options: NetOptions;

  constructor(options: NetOptions) {
    this.#options = options;
  }

  /** @throws ApiError bad-request when the cursor is not one of ours */
  async hubs({ cursor, limit }: ListPage) {
    const { db, shards } = this.#options;
    const fromId = cursor === undefined ? undefined : readCursor(cursor);
    const rows = await listHubsFrom(db, { fromId, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    const nodes = await shards.nodesOf(shown);
    return {
      hubs: await this.#hubViews(shown, nodes),
      staleSince: staleSince(nodes),
      nextCursor: last ? makeCursor(last.id) : null,
    };
  }

  /** @throws ApiError not-found */
  async hub(id: string): Promise<AdminHub> {
    const hub = await this.#findHub(id);
    const [view] = await this.#hubViews([hub], await this.#options.shards.nodesOf([hub]));
    if (view) return view;
    throw new Error('invariant: one row makes one view');
  }

  /** @throws ApiError not-found */
  async removeHub(id: string, admin: Account): Promise<void> {
    await this.#options.hubs.remove(await this.#findHub(id), admin.id);
  }

  /** Those that are connected first. */
  async browsers() {
    const { db, shards, clock } = this.#options;
    const list = await shards.directory.list();
    const browsers = await findLiveBrowsers(db, list.nodes, clock());
    return {
      browsers: browsers
        .map((browser) => toAdminBrowser(browser, list.atMs))
        .sort((one, other) => Number(other.online) - Number(one.online)),
      staleSince: staleSince(list),
    };
  }

  /**
   * Cuts a browser off, from every hub, by ending its sign-in: it could get a new key otherwise.
   * @throws ApiError not-found; HeadscaleError
   */
  async cutBrowser(nodeId: string, admin: Account): Promise<void> {
    const { db, identity, shards, cuts, clock } = this.#options;
    const [shard] = shards.group([nodeId]).keys();
    await shard?.headscale.health(); // A silent Headscale is answered for within 1 s.
    const nodes = (await shard?.directory.fresh()) ?? [];
    const browser = (await findLiveBrowsers(db, nodes, clock())).find(
      ({ node }) => node.id === nodeId,
    );
    if (!shard || !browser) {
      throw new ApiError('not-found', 'There is no such browser; it may have left. Reload.');
    }
    const { node, hub, holder } = browser;
    await recordAudit(db, clock(), {
      event: 'node-cut',
      accountId: holder?.accountId,
      byAccountId: admin.id,
      hubId: hub.id,
      nodeId,
    });
    const grantId = holder?.grantId;
    if (holder && grantId) {
      const target = { accountId: holder.accountId, grantId };
      await cuts.endAccess(target, () => identity.revokeGrant(grantId));
    } else {
      await cutNodes(shard.headscale, [node]);
    }
    shard.directory.invalidate();
  }

  /** Newest first. @throws ApiError bad-request when the cursor is not one of ours */
  async keys({ cursor, limit }: ListPage) {
    const { db, clock } = this.#options;
    const fromId = cursor === undefined ? undefined : readCursor(cursor);
    const rows = await listKeysBefore(db, { fromId, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      keys: shown.map((row) => toKey(row, clock())),
      nextCursor: last ? makeCursor(last.id) : null,
    };
  }

  async #findHub(id: string): Promise<OwnedHubRow> {
    const row = await findOwnedHub(this.#options.db, id);
    if (row) return row;
    throw new ApiError('not-found', 'There is no such hub. Reload the list of hubs.');
  }

  async #hubViews(rows: readonly OwnedHubRow[], list: NodeList): Promise<AdminHub[]> {
    const { db, clock } = this.#options;
    const ids = rows.map(({ id }) => id);
    const shares = await listSharesOfHubs(db, ids, clock());
    const units = await listUnitsOfUnknownNodes(db);
    return rows.map((row) => {
      const node = nodeOf(row, list);
      const online = isOnline(node, list.atMs);
      const lastSeenMs = online ? list.atMs : (node?.lastSeen ?? row.last_heartbeat_ms);
      const versions = Versions.safeParse(JSON.parse(row.versions ?? 'null')).data;
      return {
        id: row.id,
        name: row.name,
        owner: row.owner_email,
        sharedWith: shares.filter(({ hub_id, state }) => hub_id === row.id && state === 'accepted')
          .length,
        sshUser: row.ssh_user,
        tmuxVersion: versions?.tmux ?? null,
        tailscaleVersion: versions?.tailscale ?? null,
        online,
        lastSeenAt: toIso(lastSeenMs),
        createdAt: new Date(row.created_at_ms).toISOString(),
        unknownNodes: units.filter((unit) => unit === unitName(row.id)).length,
      };
    });
  }
}

function toKey(row: Awaited<ReturnType<typeof listKeysBefore>>[number], nowMs: number): AdminKey {
  return {
    id: row.id,
    kind: row.kind,
    hub: { id: row.hub_id, name: row.hub_name },
    account: row.email,
    state: keyState(row, nowMs),
    createdAt: new Date(row.created_at_ms).toISOString(),
    expiresAt: new Date(row.expires_at_ms).toISOString(),
    usedAt: toIso(row.used_at_ms),
  };
}

function keyState(
  row: Awaited<ReturnType<typeof listKeysBefore>>[number],
  nowMs: number,
): AdminKey['state'] {
  if (row.used_at_ms !== null) return 'used';
  if (row.state === 'spent' || row.expires_at_ms <= nowMs) return 'ended';
  return row.state === 'pending' ? 'pending' : 'open';
}

function staleSince(list: NodeList): string | null {
  return list.isStale ? new Date(list.atMs).toISOString() : null;
}

function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
