import { recordAudit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { listHubsInState, purgeHubs } from '../database/hubs.ts';
import { purgeTokens } from '../database/tokens.ts';
import type { HeadscaleClient } from '../headscale/client.ts';
import { isHeadscaleError } from '../headscale/errors.ts';
import type { HeadscaleNode } from '../headscale/schemas.ts';
import { errorText, type Log } from '../log.ts';
import type { NodeDirectory } from './node-directory.ts';
import type { Teardown } from './teardown.ts';
import { isBrowserNode, isHubNode, isUnitName, unitName } from './unit.ts';

/** Unfinished deletions are looked at this often, in ms. */
const RECONCILE_MS = 10_000;
/** Dead nodes and keys are looked for this often, in ms. */
const SWEEP_MS = 60_000;
/** A browser node that was away this long does not come back: Headscale's own limit is 70 s. */
const BROWSER_AWAY_MS = 5 * 60 * 1000;
/** A second hub node may be on its way to its first heartbeat for this long. */
const HUB_UNKNOWN_MS = 5 * 60 * 1000;
/** Keys are deleted this long after they ended, so that a clock a little off does no harm. */
const KEY_DEAD_MS = 60_000;

export interface MaintenanceOptions {
  db: Database;
  headscale: HeadscaleClient;
  directory: NodeDirectory;
  teardown: Teardown;
  clock: () => number;
  log: Log;
}

/** Brings Headscale to what our database says, again and again. */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  #timers: NodeJS.Timeout[] = [];
  #running: Promise<void> = Promise.resolve();

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#enqueue(() => this.reconcile());
    this.#timers = [
      setInterval(() => this.#enqueue(() => this.reconcile()), RECONCILE_MS),
      setInterval(() => this.#enqueue(() => this.sweep()), SWEEP_MS),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  /** Waits for what is running. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#running;
  }

  /** Finishes deletions. */
  reconcile(): Promise<void> {
    return this.#options.teardown.reconcile();
  }

  /**
   * Deletes what Headscale forgets: ephemeral nodes that went away (one that never polled is never deleted by
   * Headscale), hub nodes that no heartbeat ever named, and keys that ended.
   * @throws HeadscaleError
   */
  async sweep(): Promise<void> {
    const { db, headscale, directory, clock, log } = this.#options;
    const nowMs = clock();
    await purgeTokens(db, nowMs);
    await purgeHubs(db, nowMs);
    // Keys before nodes: whoever used a key before it ended is then in the list of nodes.
    const keys = await headscale.listKeys();
    const nodes = await directory.fresh();
    const registered = await this.#registeredNodes();
    const dead = nodes.filter((node) => isDead(node, registered, nowMs));
    for (const node of dead) {
      await recordAudit(db, nowMs, { event: 'node-reaped', nodeId: node.id });
      await headscale.deleteNode(node.id);
      log(isBrowserNode(node) ? 'info' : 'warn', 'node-reaped', { nodeId: node.id });
    }
    if (dead.length > 0) directory.invalidate();
    const inUse = new Set(nodes.map((node) => node.preAuthKey?.id));
    for (const key of keys) {
      const isOver = key.expiration !== null && key.expiration < nowMs - KEY_DEAD_MS;
      if (isOver && isUnitName(key.user?.name) && !inUse.has(key.id)) {
        await headscale.deleteKey(key.id);
      }
    }
  }

  /** Registered node ids by the name of their unit. */
  async #registeredNodes(): Promise<Map<string, string>> {
    const hubs = await listHubsInState(this.#options.db, 'active');
    return new Map(
      hubs.flatMap((hub) => (hub.node_id === null ? [] : [[unitName(hub.id), hub.node_id]])),
    );
  }

  /** One at a time: two sweeps at once would only ask Headscale twice. */
  #enqueue(work: () => Promise<void>): void {
    this.#running = this.#running.then(work).catch((error: unknown) => {
      // While Headscale is silent the gate says so once; not every timer has to.
      if (isHeadscaleError(error, 'unavailable')) return;
      this.#options.log('error', 'maintenance-failed', { error: errorText(error) });
    });
  }
}

function isDead(
  node: HeadscaleNode,
  registered: ReadonlyMap<string, string>,
  nowMs: number,
): boolean {
  const unit = node.user?.name;
  if (unit === undefined || !isUnitName(unit)) return false;
  if (isBrowserNode(node)) {
    const lastSeenMs = node.lastSeen ?? node.createdAt ?? nowMs;
    return !node.online && nowMs - lastSeenMs > BROWSER_AWAY_MS;
  }
  const hubNodeId = registered.get(unit);
  return (
    isHubNode(node) &&
    hubNodeId !== undefined &&
    hubNodeId !== node.id &&
    nowMs - (node.createdAt ?? nowMs) > HUB_UNKNOWN_MS
  );
}
