import type { BrowserNode, Hub, HubList, HubPatch } from '../../protocol/hubs.ts';
import type { Database } from '../database/database.ts';
import { deleteHubNotice, listHubNotices } from '../database/hub-notices.ts';
import {
  findReachableHub,
  listReachableHubs,
  markHubDeleting,
  updateHub,
  type HubRow,
  type ReachableHub,
} from '../database/hubs.ts';
import { dropKeptAnswers } from '../database/kept-answers.ts';
import { putRejoinApproval } from '../database/rejoin-approvals.ts';
import { listSharesOfHubs } from '../database/shares.ts';
import { recordAudit } from '../audit/audit.ts';
import { makeCursor, readCursor } from '../cursor.ts';
import type { HeadscaleNode } from '../headscale/schemas.ts';
import { errorText, type Log } from '../log.ts';
import { ApiError } from '../problem.ts';
import type { Account, Identity } from '../identity/identity.ts';
import type { BrowserCuts } from './browser-cuts.ts';
import { cutNodes } from './cut-nodes.ts';
import type { HubSessions } from './hub-sessions.ts';
import { toNotice } from './hub-notices.ts';
import type { NodeList } from './node-directory.ts';
import { toShare } from './shares.ts';
import type { Shards } from './shards.ts';
import type { Teardown } from './teardown.ts';
import { isExpired, isNodeOfUnit } from './unit.ts';
import type { UnitBrowser, UnitBrowsers } from './unit-browsers.ts';
import { headscaleUnavailable } from './unit-keys.ts';

/** Long enough to walk to the machine and run `hubtab hub up`. */
const REJOIN_APPROVAL_MS = 15 * 60 * 1000;

export interface HubsOptions {
  db: Database;
  identity: Identity;
  shards: Shards;
  browsers: UnitBrowsers;
  cuts: BrowserCuts;
  teardown: Teardown;
  sessions: HubSessions;
  clock: () => number;
  log: Log;
}

/** Hubs as their account sees them. Ids of others are `not-found`, as if they did not exist. */
export class Hubs {
  readonly #options: HubsOptions;

  constructor(options: HubsOptions) {
    this.#options = options;
  }

  /**
   * One page of the hubs that an account may reach.
   * @throws ApiError bad-request when the cursor is not one of ours
   */
  async list(
    accountId: string,
    page: { cursor: string | undefined; limit: number },
  ): Promise<HubList> {
    const { db, shards } = this.#options;
    const afterId = page.cursor === undefined ? undefined : readCursor(page.cursor);
    // One more than asked for tells whether there is a next page.
    const rows = await listReachableHubs(db, accountId, { afterId, limit: page.limit + 1 });
    const shown = rows.slice(0, page.limit);
    const last = rows.length > page.limit ? shown.at(-1) : undefined;
    const nodes = await shards.nodesOf(shown);
    return {
      hubs: await this.#views(shown, nodes),
      staleSince: nodes.isStale ? new Date(nodes.atMs).toISOString() : null,
      nextCursor: last ? makeCursor(last.id) : null,
    };
  }

  /** @throws ApiError not-found */
  async get(id: string, accountId: string): Promise<Hub> {
    const row = await this.find(id, accountId);
    const [view] = await this.#views([row], await this.#options.shards.nodesOf([row]));
    if (view) return view;
    throw new Error('invariant: one row makes one view');
  }

  /** An active hub that the account may reach. @throws ApiError not-found */
  async find(id: string, accountId: string): Promise<ReachableHub> {
    const row = await findReachableHub(this.#options.db, id, accountId);
    if (row) return row;
    throw new ApiError(
      'not-found',
      'There is no such hub in this account. Reload the list of hubs.',
    );
  }

  /** An active hub of the account itself. @throws ApiError not-found, or forbidden for a guest, who sees it anyway */
  async findOwned(id: string, accountId: string): Promise<ReachableHub> {
    const row = await this.find(id, accountId);
    if (row.share_id === null) return row;
    throw new ApiError('forbidden', `Only ${row.owner_email}, whose hub it is, can do this.`);
  }

  /** @throws ApiError not-found, forbidden */
  async patch(id: string, accountId: string, patch: HubPatch): Promise<Hub> {
    const { db, clock } = this.#options;
    await this.findOwned(id, accountId);
    const changes = {
      ...(patch.name === undefined ? {} : { name: patch.name }),
      ...(patch.sshUser === undefined ? {} : { ssh_user: patch.sshUser }),
    };
    const changed = Object.keys(patch);
    if (changed.length > 0) {
      await db.transaction().execute(async (trx) => {
        if (!(await updateHub(trx, id, changes))) return; // deleted meanwhile; get() says so
        await recordAudit(trx, clock(), { event: 'hub-changed', accountId, hubId: id, changed });
      });
    }
    return this.get(id, accountId);
  }

  /**
   * Deletes a hub and cuts its nodes. Succeeds when the intent is stored; what Headscale cannot do now is done later.
   * @throws ApiError not-found, forbidden
   */
  async delete(id: string, accountId: string): Promise<void> {
    const hub = await this.findOwned(id, accountId);
    await this.remove(hub);
  }

  /** As delete(), without asking whose hub it is. @param byAccountId who does it, if not the owner */
  async remove(
    hub: Pick<HubRow, 'id' | 'account_id' | 'shard_id'>,
    byAccountId?: string,
  ): Promise<void> {
    const { id, account_id: accountId } = hub;
    const { db, teardown, clock, log } = this.#options;
    await db.transaction().execute(async (trx) => {
      if (!(await markHubDeleting(trx, id, clock()))) return; // by another request, this moment
      await dropKeptAnswers(trx, { hubId: id });
      const about = { accountId, byAccountId, hubId: id };
      await recordAudit(trx, clock(), { event: 'hub-removed', ...about });
    });
    try {
      await teardown.finish(hub);
    } catch (error) {
      log('warn', 'teardown-postponed', { hubId: id, error: errorText(error) });
    }
  }

  /**
   * Lets the hub join again although its node is live: once, within 15 minutes.
   * @throws ApiError not-found, forbidden
   */
  async approveRejoin(id: string, accountId: string): Promise<{ expiresAt: string }> {
    const { db, clock, log } = this.#options;
    await this.findOwned(id, accountId);
    const expiresAtMs = clock() + REJOIN_APPROVAL_MS;
    await db.transaction().execute(async (trx) => {
      await putRejoinApproval(trx, id, expiresAtMs);
      await recordAudit(trx, clock(), { event: 'hub-key-approved', accountId, hubId: id });
    });
    log('info', 'rejoin-approved', { hubId: id, accountId });
    return { expiresAt: new Date(expiresAtMs).toISOString() };
  }

  /** @throws ApiError not-found, forbidden */
  async dismissNotice(id: string, accountId: string, noticeId: string): Promise<void> {
    await this.findOwned(id, accountId);
    if (await deleteHubNotice(this.#options.db, noticeId, id)) return;
    throw new ApiError('not-found', 'There is no such notice on this hub. Reload the hub.');
  }

  /** All browsers of the hub for its owner, their own for a guest. @throws ApiError not-found, headscale-unavailable */
  async browsers(id: string, accountId: string): Promise<BrowserNode[]> {
    const hub = await this.find(id, accountId);
    const list = await this.#options.shards.of(hub).directory.list();
    if (list.isStale) throw headscaleUnavailable();
    const shown = await this.#browsersFor(hub, accountId, list.nodes);
    return shown.map((browser) => toBrowser(browser, list.atMs));
  }

  /**
   * Cuts one browser off. One of the account itself is signed out with it, everywhere: it could get a new key otherwise.
   * One of a guest is not the owner's to sign out; ending the share keeps it away.
   * @throws ApiError not-found; HeadscaleError
   */
  async deleteBrowser(id: string, account: Account, nodeId: string): Promise<void> {
    const { db, shards, identity, cuts, clock } = this.#options;
    const hub = await this.find(id, account.id);
    const { headscale, directory } = shards.of(hub);
    await headscale.health(); // A silent Headscale is answered for within 1 s.
    const shown = await this.#browsersFor(hub, account.id, await directory.fresh());
    const browser = shown.find(({ node }) => node.id === nodeId);
    if (!browser) {
      throw new ApiError(
        'not-found',
        'There is no such browser on this hub; it may have left. Reload the list.',
      );
    }
    const { node, holder } = browser;
    const grantId = holder?.accountId === account.id ? holder.grantId : null;
    if (grantId === null) {
      const about = { accountId: account.id, hubId: id, nodeId };
      await recordAudit(db, clock(), { event: 'node-cut', ...about });
      await cutNodes(headscale, [node]);
    } else {
      const target = { accountId: account.id, grantId };
      await cuts.endAccess(target, () => identity.revokeGrant(grantId));
    }
    directory.invalidate();
  }

  async #browsersFor(
    hub: ReachableHub,
    accountId: string,
    nodes: readonly HeadscaleNode[],
  ): Promise<UnitBrowser[]> {
    const { browsers } = this.#options;
    if (hub.share_id === null) return browsers.of(nodes, hub.id);
    return browsers.ofAccount(nodes, hub.id, accountId);
  }

  async #views(rows: readonly ReachableHub[], list: NodeList): Promise<Hub[]> {
    const { db, sessions, clock } = this.#options;
    const owned = rows.filter((row) => row.share_id === null).map((row) => row.id);
    const ids = rows.map((row) => row.id);
    const shares = await listSharesOfHubs(db, ids, clock());
    const notices = await listHubNotices(db, owned);
    return rows.map((row) => {
      const node = nodeOf(row, list);
      return {
        ...hubView(row, node, list.atMs),
        shares: shares
          .filter((share) => share.hub_id === row.id)
          .filter((share) => row.share_id === null || row.share_id === share.id)
          .map(toShare),
        notices: notices.filter((notice) => notice.hub_id === row.id).map(toNotice),
        ...(isOnline(node, list.atMs) && sessions.of(row.id)),
      };
    });
  }
}

/** The registered node of a hub, as Headscale has it. */
export function nodeOf(
  row: Pick<HubRow, 'id' | 'node_id'>,
  list: NodeList,
): HeadscaleNode | undefined {
  return list.nodes.find((node) => node.id === row.node_id && isNodeOfUnit(node, row.id));
}

export function isOnline(node: HeadscaleNode | undefined, nowMs: number): boolean {
  return node !== undefined && node.online && !isExpired(node, nowMs);
}

function hubView(row: ReachableHub, node: HeadscaleNode | undefined, listAtMs: number) {
  const online = isOnline(node, listAtMs);
  const lastSeenMs = online ? listAtMs : (node?.lastSeen ?? row.last_heartbeat_ms);
  return {
    id: row.id,
    name: row.name,
    role: row.share_id === null ? ('owner' as const) : ('guest' as const),
    owner: row.owner_email,
    online,
    lastSeenAt: toIso(lastSeenMs),
    sshUser: row.ssh_user,
    ip: row.node_ip,
    tmux: { path: row.tmux_path, socket: row.tmux_socket },
    hubtabPath: row.hubtab_path,
    createdAt: new Date(row.created_at_ms).toISOString(),
  };
}

function toBrowser({ node, holder }: UnitBrowser, listAtMs: number): BrowserNode {
  return {
    nodeId: node.id,
    account: holder?.email ?? null,
    hostname: node.givenName,
    online: node.online,
    createdAt: new Date(node.createdAt ?? listAtMs).toISOString(),
    // Headscale notes the time when a node goes; one that is here was heard just now.
    lastSeenAt: toIso(node.online ? listAtMs : node.lastSeen),
  };
}

function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
