import { recordAudit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { purgeBrowserCuts } from '../database/browser-cuts.ts';
import { purgeGrants } from '../database/grants.ts';
import { purgeHubNotices } from '../database/hub-notices.ts';
import {
  DEFAULT_SHARD,
  listHubsInState,
  listInstanceKeys,
  purgeHubs,
  purgeIssuedKeys,
} from '../database/hubs.ts';
import { purgeKeptAnswers } from '../database/kept-answers.ts';
import { purgeShares } from '../database/shares.ts';
import { purgeSignIn } from '../database/sign-in.ts';
import { purgeTokens } from '../database/tokens.ts';
import type { HeadscaleNode } from '../headscale/schemas.ts';
import type { Log } from '../log.ts';
import { cutNodes } from './cut-nodes.ts';
import type { Access } from './access.ts';
import type { BrowserCuts } from './browser-cuts.ts';
import type { Shards } from './shards.ts';
import { supersededNodes } from './superseded.ts';
import type { Teardown } from './teardown.ts';
import { isBrowserNode, isHubNode, isUnitName, unitName } from './unit.ts';

/**
 * A browser node that was away this long does not come back; as long as Headscale's own limit, which misses some. Not
 * shorter: a browser whose way to Headscale is blocked looks the same, and its terminals go on through the relay.
 */
const BROWSER_AWAY_MS = 10 * 60 * 1000;
/** A second hub node may be on its way to its first heartbeat for this long. */
const HUB_UNKNOWN_MS = 5 * 60 * 1000;
/** Keys are deleted this long after they ended, so that a clock a little off does no harm. */
const KEY_DEAD_MS = 60_000;

export interface MaintenanceOptions {
  db: Database;
  shards: Shards;
  teardown: Teardown;
  cuts: BrowserCuts;
  access: Access;
  clock: () => number;
  log: Log;
}

/** Brings Headscale to what our database says; the reconciler calls it again and again. */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  /**
   * By shard: when a sweep first found a browser node away; our own clock, so time in which Headscale was down does not
   * count.
   */
  readonly #awaySinceMs = new Map<string, ReadonlyMap<string, number>>();

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  /** Finishes what ends access on a shard: cuts and deletions. */
  async reconcile(shardId = DEFAULT_SHARD): Promise<void> {
    await purgeKeptAnswers(this.#options.db, this.#options.clock());
    await this.#options.cuts.reconcile(shardId);
    await this.#options.teardown.reconcile(shardId);
  }

  /**
   * Deletes what a shard's Headscale forgets: browser nodes that are away and whose browser has a newer one, or that stay away (one
   * that never polled is never deleted by Headscale), hub nodes that no heartbeat ever named, and keys that ended.
   * @throws HeadscaleError
   */
  async sweep(shardId = DEFAULT_SHARD): Promise<void> {
    const { db, shards, access, clock, log } = this.#options;
    const { headscale, directory } = shards.of({ shard_id: shardId });
    const nowMs = clock();
    await access.reconcile();
    await purgeTokens(db, nowMs);
    await purgeGrants(db, nowMs);
    await purgeSignIn(db, nowMs);
    await purgeHubs(db, nowMs);
    await purgeShares(db, nowMs);
    await purgeHubNotices(db, nowMs);
    await purgeBrowserCuts(db, nowMs);
    // Keys before nodes: whoever used a key before it ended is then in the list of nodes.
    const keys = await headscale.listKeys();
    const nodes = await directory.fresh();
    const dead = [
      ...strayHubNodes(nodes, await this.#registeredNodes(), nowMs),
      ...(await this.#goneBrowsers(shardId, nodes.filter(isBrowserNode), nowMs)),
    ];
    for (const { id } of dead) await recordAudit(db, nowMs, { event: 'node-reaped', nodeId: id });
    await cutNodes(headscale, dead);
    for (const node of dead)
      log(isBrowserNode(node) ? 'info' : 'warn', 'node-reaped', { nodeId: node.id });
    if (dead.length > 0) directory.invalidate();
    const inUse = new Set(nodes.flatMap((node) => node.preAuthKey?.id ?? []));
    await purgeIssuedKeys(db, shardId, nowMs, [...inUse]);
    for (const key of keys) {
      const isOver = key.expiration !== null && key.expiration < nowMs - KEY_DEAD_MS;
      if (isOver && isUnitName(key.user?.name) && !inUse.has(key.id)) {
        await headscale.deleteKey(key.id);
      }
    }
  }

  async #goneBrowsers(
    shardId: string,
    browsers: HeadscaleNode[],
    nowMs: number,
  ): Promise<HeadscaleNode[]> {
    const ours = browsers.filter(({ user }) => isUnitName(user?.name));
    const away = ours.filter(({ online }) => !online);
    const before = this.#awaySinceMs.get(shardId);
    const sinceMs = new Map(away.map(({ id }) => [id, before?.get(id) ?? nowMs]));
    this.#awaySinceMs.set(shardId, sinceMs);
    const keyIds = ours.flatMap(({ preAuthKey }) => preAuthKey?.id ?? []);
    const superseded = supersededNodes(ours, await listInstanceKeys(this.#options.db, keyIds));
    return away.filter(
      ({ id }) => superseded.has(id) || nowMs - (sinceMs.get(id) ?? nowMs) > BROWSER_AWAY_MS,
    );
  }

  /** Registered node ids by the name of their unit. */
  async #registeredNodes(): Promise<Map<string, string>> {
    const hubs = await listHubsInState(this.#options.db, 'active');
    return new Map(
      hubs.flatMap((hub) => (hub.node_id === null ? [] : [[unitName(hub.id), hub.node_id]])),
    );
  }
}

function strayHubNodes(
  nodes: readonly HeadscaleNode[],
  registered: ReadonlyMap<string, string>,
  nowMs: number,
): HeadscaleNode[] {
  return nodes.filter((node) => {
    const hubNodeId = registered.get(node.user?.name ?? '');
    return (
      isHubNode(node) &&
      hubNodeId !== undefined &&
      hubNodeId !== node.id &&
      nowMs - (node.createdAt ?? nowMs) > HUB_UNKNOWN_MS
    );
  });
}
