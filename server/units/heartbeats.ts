import type { Heartbeat, HubOrder } from '../../protocol/hub-registration.ts';
import { recordAudit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { findHub, updateHub, type HubRow } from '../database/hubs.ts';
import { deleteRejoinApproval, findRejoinKey } from '../database/rejoin-approvals.ts';
import type { HeadscaleNode } from '../headscale/schemas.ts';
import { errorText, type Log } from '../log.ts';
import { ApiError } from '../problem.ts';
import { cutNodes } from './cut-nodes.ts';
import type { HubSessions } from './hub-sessions.ts';
import type { HubNotices } from './hub-notices.ts';
import type { Shards } from './shards.ts';
import { isExpired, isHubNode, isLiveHubNode, isNodeOfUnit } from './unit.ts';
import type { UnitKeys } from './unit-keys.ts';

export interface HeartbeatsOptions {
  db: Database;
  keys: UnitKeys;
  notices: HubNotices;
  shards: Shards;
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
    const node = await this.#findNode(hub, heartbeat.nodeKey);
    if (node === 'unknown') return this.#keepAlive(hub, heartbeat);
    if (node === undefined) return this.#orderRejoin(hub, heartbeat.nodeKey);
    if (hub.node_id === node.id) await this.#guardNode(hub, node);
    else await this.#replaceNode(hub, node);
    return this.#keepAlive(hub, heartbeat, node);
  }

  /**
   * The hub's own node, as Headscale has it; undefined if Headscale does not have it (any more).
   * A node that is registered already is looked up in the shared list, so that a heartbeat costs Headscale nothing,
   * and is `unknown` while Headscale is silent. For another one that list may be too old: it may have been cut since.
   */
  async #findNode(hub: HubRow, nodeKey: string): Promise<HeadscaleNode | 'unknown' | undefined> {
    const { shards, clock } = this.#options;
    const { directory } = shards.of(hub);
    const isWanted = (node: HeadscaleNode) =>
      node.nodeKey === nodeKey &&
      isNodeOfUnit(node, hub.id) &&
      isHubNode(node) &&
      !isExpired(node, clock());
    if (hub.node_key === nodeKey) {
      const list = await directory.list();
      if (list.isStale) return 'unknown';
      const known = list.nodes.find(isWanted);
      if (known) return known;
    }
    return (await directory.fresh()).find(isWanted);
  }

  async #keepAlive(hub: HubRow, heartbeat: Heartbeat, node?: HeadscaleNode): Promise<HubOrder[]> {
    const { db, keys, notices, sessions, clock, log } = this.#options;
    sessions.keep(hub.id, heartbeat.sessions); // Only what a machine says that is the hub.
    if (hub.node_key === heartbeat.nodeKey && hasOtherHostKeys(hub, heartbeat)) {
      await notices.report(hub.id, 'host-keys-changed');
    }
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

  /**
   * Headscale does not have the node: the hub has to join again, and if it is the registered one, no browser may be
   * sent to it. Another machine that holds the hub's key cannot make us forget the node of the hub.
   */
  async #orderRejoin(hub: HubRow, nodeKey: string): Promise<HubOrder[]> {
    const { db, clock } = this.#options;
    if (hub.node_key === nodeKey) {
      await updateHub(db, hub.id, {
        node_id: null,
        node_key: null,
        node_ip: null,
        last_heartbeat_ms: clock(),
      });
    }
    return ['rejoin'];
  }

  /** While the registered node is live, no other may be there and no key may wait for one, unless the owner approved. */
  async #guardNode(hub: HubRow, node: HeadscaleNode): Promise<void> {
    const { db, keys, shards, clock } = this.#options;
    if (!isLiveHubNode(node, hub.id, clock())) return;
    const approvedKey = await findRejoinKey(db, hub.id);
    const { nodes } = await shards.of(hub).directory.list();
    const seconds = nodes.filter(
      (other) =>
        isNodeOfUnit(other, hub.id) &&
        isHubNode(other) &&
        other.id !== node.id &&
        other.preAuthKey?.id !== approvedKey,
    );
    if (seconds.length > 0) await this.#removeSeconds(hub, seconds);
    await keys.expireHubKeys(hub.id, approvedKey);
  }

  /** The unit has one hub node: the old one goes, unless it is live; then its owner must have approved. */
  async #replaceNode(hub: HubRow, node: HeadscaleNode): Promise<void> {
    const { db, shards, notices, clock } = this.#options;
    const { headscale, directory } = shards.of(hub);
    const others = (await directory.fresh()).filter(
      (other) => isNodeOfUnit(other, hub.id) && isHubNode(other) && other.id !== node.id,
    );
    const approvedKey = await findRejoinKey(db, hub.id);
    const isApproved = approvedKey !== undefined && node.preAuthKey?.id === approvedKey;
    const isHeld = others.some((other) => isLiveHubNode(other, hub.id, clock()));
    if (isHeld && !isApproved) {
      await this.#removeSeconds(hub, [node]);
      throw new ApiError(
        'hub-node-live',
        'Another node of this hub is online, so this one was removed. Stop the other machine, ' +
          'or let the owner of the hub approve that it joins again.',
      );
    }
    for (const { id: nodeId } of others) {
      const reason = 'replaced by a new node of the hub';
      const about = { accountId: hub.account_id, hubId: hub.id, nodeId };
      await recordAudit(db, clock(), { event: 'node-cut', ...about, reason });
    }
    await cutNodes(headscale, others);
    if (others.length > 0) directory.invalidate();
    if (isApproved) await deleteRejoinApproval(db, hub.id);
    // Host keys are kept when a node is forgotten: they tell that the hub had joined before.
    if (hub.host_keys !== null) await notices.report(hub.id, 'node-replaced');
  }

  async #removeSeconds(hub: HubRow, nodes: readonly HeadscaleNode[]): Promise<void> {
    const { db, shards, notices, clock } = this.#options;
    const { headscale, directory } = shards.of(hub);
    for (const { id: nodeId } of nodes) {
      const about = { accountId: hub.account_id, hubId: hub.id, nodeId };
      await recordAudit(db, clock(), { event: 'second-hub-node', ...about });
    }
    await notices.report(hub.id, 'second-node-removed'); // First: a silent Headscale must not keep it from the owner.
    await cutNodes(headscale, nodes);
    directory.invalidate();
  }
}

function hasOtherHostKeys(hub: HubRow, heartbeat: Heartbeat): boolean {
  if (hub.host_keys === null) return false;
  const known = JSON.parse(hub.host_keys) as string[]; // written by us, from a checked heartbeat
  return known.toSorted().join('\n') !== heartbeat.hostKeys.toSorted().join('\n');
}
