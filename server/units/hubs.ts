import type { BrowserNode, Hub, HubList, HubPatch } from '../../protocol/hubs.ts';
import { recordAudit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import {
  findHubOfAccount,
  listHubsOfAccount,
  markHubDeleting,
  updateHub,
  type HubRow,
} from '../database/hubs.ts';
import type { HeadscaleClient } from '../headscale/client.ts';
import type { HeadscaleNode } from '../headscale/schemas.ts';
import { errorText, type Log } from '../log.ts';
import { ApiError } from '../problem.ts';
import { cutNodes } from './cut-nodes.ts';
import type { HubSessions } from './hub-sessions.ts';
import type { NodeDirectory, NodeList } from './node-directory.ts';
import type { Teardown } from './teardown.ts';
import { isBrowserNode, isExpired, isNodeOfUnit } from './unit.ts';
import { headscaleUnavailable } from './unit-keys.ts';

export interface HubsOptions {
  db: Database;
  headscale: HeadscaleClient;
  directory: NodeDirectory;
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

  async list(accountId: string): Promise<HubList> {
    const { db, directory } = this.#options;
    const rows = await listHubsOfAccount(db, accountId);
    const nodes = await directory.list();
    return {
      hubs: rows.map((row) => this.#view(row, nodes)),
      staleSince: nodes.isStale ? new Date(nodes.atMs).toISOString() : null,
    };
  }

  /** @throws ApiError not-found */
  async get(id: string, accountId: string): Promise<Hub> {
    return this.#view(await this.find(id, accountId), await this.#options.directory.list());
  }

  /** The row of an active hub that the account may reach. @throws ApiError not-found */
  async find(id: string, accountId: string): Promise<HubRow> {
    const row = await findHubOfAccount(this.#options.db, id, accountId);
    if (row) return row;
    throw new ApiError(
      'not-found',
      'There is no such hub in this account. Reload the list of hubs.',
    );
  }

  /** @throws ApiError not-found */
  async patch(id: string, accountId: string, patch: HubPatch): Promise<Hub> {
    const { db, clock } = this.#options;
    await this.find(id, accountId);
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
   * @throws ApiError not-found
   */
  async delete(id: string, accountId: string): Promise<void> {
    const { db, teardown, clock, log } = this.#options;
    const row = await this.find(id, accountId);
    await db.transaction().execute(async (trx) => {
      if (!(await markHubDeleting(trx, id, clock()))) return; // by another request, this moment
      await recordAudit(trx, clock(), { event: 'hub-removed', accountId, hubId: id });
    });
    try {
      await teardown.finish(row);
    } catch (error) {
      log('warn', 'teardown-postponed', { hubId: id, error: errorText(error) });
    }
  }

  /** @throws ApiError not-found, headscale-unavailable */
  async browsers(id: string, accountId: string): Promise<BrowserNode[]> {
    await this.find(id, accountId);
    const list = await this.#options.directory.list();
    if (list.isStale) throw headscaleUnavailable();
    return list.nodes
      .filter((node) => isNodeOfUnit(node, id) && isBrowserNode(node))
      .map((node) => toBrowser(node, list.atMs));
  }

  /** Cuts one browser off. @throws ApiError not-found; HeadscaleError */
  async deleteBrowser(id: string, accountId: string, nodeId: string): Promise<void> {
    const { db, headscale, directory, clock } = this.#options;
    await this.find(id, accountId);
    await headscale.health(); // A silent Headscale is answered for within 1 s.
    const node = (await directory.fresh()).find((candidate) => candidate.id === nodeId);
    if (!node || !isNodeOfUnit(node, id) || !isBrowserNode(node)) {
      throw new ApiError(
        'not-found',
        'There is no such browser on this hub; it may have left. Reload the list.',
      );
    }
    await recordAudit(db, clock(), { event: 'node-cut', accountId, hubId: id, nodeId });
    await cutNodes(headscale, [node]);
    directory.invalidate();
  }

  #view(row: HubRow, list: NodeList): Hub {
    const node = list.nodes.find(
      (candidate) => candidate.id === row.node_id && isNodeOfUnit(candidate, row.id),
    );
    const isOnline = node !== undefined && node.online && !isExpired(node, list.atMs);
    const lastSeenMs = isOnline ? list.atMs : (node?.lastSeen ?? row.last_heartbeat_ms);
    return {
      id: row.id,
      name: row.name,
      online: isOnline,
      lastSeenAt: toIso(lastSeenMs),
      sshUser: row.ssh_user,
      ip: row.node_ip,
      tmux: { path: row.tmux_path, socket: row.tmux_socket },
      hubtabPath: row.hubtab_path,
      createdAt: new Date(row.created_at_ms).toISOString(),
      ...(isOnline && this.#options.sessions.of(row.id)),
    };
  }
}

function toBrowser(node: HeadscaleNode, listAtMs: number): BrowserNode {
  return {
    nodeId: node.id,
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
