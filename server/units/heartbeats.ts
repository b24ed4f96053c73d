import type { Heartbeat, HubOrder } from '../../protocol/hub-registration.ts';
import { recordAudit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { findHub, updateHub, type HubRow } from '../database/hubs.ts';
import type { HeadscaleClient } from '../headscale/client.ts';
import type { HeadscaleNode } from '../headscale/schemas.ts';
import { errorText, type Log } from '../log.ts';
import { ApiError } from '../problem.ts';
import { cutNodes } from './cut-nodes.ts';
import type { HubSessions } from './hub-sessions.ts';
import type { NodeDirectory } from './node-directory.ts';
import { isExpired, isHubNode, isNodeOfUnit } from './unit.ts';
import type { UnitKeys } from './unit-keys.ts';

export interface HeartbeatsOptions {
  db: Database;
  headscale: HeadscaleClient;
  keys: UnitKeys;
  directory: NodeDirectory;
  sessions: HubSessions;
  clock: () => number;
  log: Log;
}

/** Hears hubs, and learns from them which node browsers may talk to. */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
  }

  /**
   * @returns orders for the hub
   * @throws ApiError hub-node-live when another node of the hub is registered and online
   * @throws HeadscaleError when a new node cannot be checked
   */
  async receive(hubId: string, heartbeat: Heartbeat): Promise<HubOrder[]> {
    const { db, sessions } = this.#options;
    const hub = await findHub(db, hubId);
    if (!hub || hub.state !== 'active') {
      sessions.forget(hubId);
      return ['leave'];
    }
    sessions.keep(hubId, heartbeat.sessions);
    const node = await this.#findNode(hub, heartbeat.nodeKey);
    if (node === 'unknown') return this.#keepAlive(hub, heartbeat);
    if (node === undefined) return this.#forgetNode(hub);
    if (hub.node_id !== node.id) await this.#replaceNode(hub, node);
    return this.#keepAlive(hub, heartbeat, node);
  }

  /**
   * The hub's own node, as Headscale has it; undefined if Headscale does not have it (any more).
   * A node that is registered already is looked up in the shared list, so that a heartbeat costs Headscale nothing,
   * and is `unknown` while Headscale is silent.
   */
  async #findNode(hub: HubRow, nodeKey: string): Promise<HeadscaleNode | 'unknown' | undefined> {
    const { directory, clock } = this.#options;
    const isWanted = (node: HeadscaleNode) =>
      node.nodeKey === nodeKey &&
      isNodeOfUnit(node, hub.id) &&
      isHubNode(node) &&
      !isExpired(node, clock());
    const list = await directory.list();
    if (list.isStale && hub.node_key === nodeKey) return 'unknown';
    const known = list.isStale ? undefined : list.nodes.find(isWanted);
    return known ?? (await directory.fresh()).find(isWanted);
  }

  async #keepAlive(hub: HubRow, heartbeat: Heartbeat, node?: HeadscaleNode): Promise<HubOrder[]> {
    const { db, keys, clock, log } = this.#options;
    const isNew = node !== undefined && hub.node_key !== node.nodeKey;
    const hostKeys = JSON.stringify(heartbeat.hostKeys);
    const changes = {
      tmux_path: heartbeat.tmux.path,
      tmux_socket: heartbeat.tmux.socket,
      hubtab_path: heartbeat.hubtabPath,
      host_keys: hostKeys,
      versions: JSON.stringify(heartbeat.versions),
      last_heartbeat_ms: clock(),
      ...(node && {
        node_id: node.id,
        node_key: node.nodeKey,
        node_ip: node.ipAddresses.find((ip) => ip.includes('.')) ?? node.ipAddresses[0] ?? null,
      }),
    };
    await db.transaction().execute(async (trx) => {
      if (!(await updateHub(trx, hub.id, changes))) return; // deleted in this moment
      const about = { accountId: hub.account_id, hubId: hub.id };
      if (isNew) {
        const nodeId = node.id;
        await recordAudit(trx, clock(), { event: 'hub-node-registered', ...about, nodeId });
      } else if (hub.host_keys !== null && hub.host_keys !== hostKeys) {
        await recordAudit(trx, clock(), { event: 'hub-changed', ...about, changed: ['hostKeys'] });
      }
    });
    if (isNew) {
      log('info', 'hub-node-registered', { hubId: hub.id, nodeId: node.id });
      // Spent already, being one-use: expiring it is a second lock, so its failure does not matter.
      await keys.expireHubKeys(hub.id).catch((error: unknown) => {
        log('warn', 'hub-key-not-expired', { hubId: hub.id, error: errorText(error) });
      });
    }
    return [];
  }

  /** Headscale does not have the node: no browser may be sent to it, and the hub has to join again. */
  async #forgetNode(hub: HubRow): Promise<HubOrder[]> {
    const { db, clock } = this.#options;
    await updateHub(db, hub.id, {
      node_id: null,
      node_key: null,
      node_ip: null,
      last_heartbeat_ms: clock(),
    });
    return ['rejoin'];
  }

  /** The unit has one hub node: the old one goes, unless it is still online; then somebody must look. */
  async #replaceNode(hub: HubRow, node: HeadscaleNode): Promise<void> {
    const { db, headscale, directory, clock, log } = this.#options;
    const about = { accountId: hub.account_id, hubId: hub.id };
    const others = (await directory.fresh()).filter(
      (other) => isNodeOfUnit(other, hub.id) && isHubNode(other) && other.id !== node.id,
    );
    const isHeld = others.some((other) => other.id === hub.node_id && other.online);
    if (isHeld) {
      log('warn', 'second-hub-node', { hubId: hub.id, nodeId: node.id });
      await recordAudit(db, clock(), { event: 'second-hub-node', ...about, nodeId: node.id });
      throw new ApiError(
        'hub-node-live',
        'Another node of this hub is online, so this one is not registered. Stop the other machine, ' +
          'or delete the hub and join it again.',
      );
    }
    for (const { id: nodeId } of others) {
      log('warn', 'old-hub-node-deleted', { hubId: hub.id, nodeId });
      const reason = 'replaced by a new node of the hub';
      await recordAudit(db, clock(), { event: 'node-cut', ...about, nodeId, reason });
    }
    await cutNodes(headscale, others);
    if (others.length > 0) directory.invalidate();
  }
}
