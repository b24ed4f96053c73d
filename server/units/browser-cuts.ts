import { ulid } from 'ulid';
import { recordAudit } from '../audit/audit.ts';
import {
  insertBrowserCut,
  listKeysOfCut,
  listUnfinishedCuts,
  markCutFinished,
  renewBrowserCut,
  type BrowserCutRow,
} from '../database/browser-cuts.ts';
import type { Database } from '../database/database.ts';
import { errorText, type Log } from '../log.ts';
import { cutNodes } from './cut-nodes.ts';
import type { Shard, Shards } from './shards.ts';
import { isBrowserNode } from './unit.ts';

/** A node may register while its key is being expired; it is there at the second look. More means another fault. */
const MAX_ROUNDS = 3;

export interface BrowserCutsOptions {
  db: Database;
  shards: Shards;
  clock: () => number;
  log: Log;
}

/** Which browsers: what is absent names all. */
export interface CutTarget {
  hubId?: string;
  accountId?: string;
  grantId?: string;
}

/**
 * Ends the access of browsers: their unused keys and their live nodes. The intent is a row, written together with the
 * reason (a share that is deleted, a sign-in that ends), so that it is carried out whatever happens in between.
 */
export class BrowserCuts {
  readonly #options: BrowserCutsOptions;
  readonly #running = new Map<string, { atMs: number; work: Promise<void> }>();

  constructor(options: BrowserCutsOptions) {
    this.#options = options;
  }

  /**
   * Writes the intent; finish() carries it out.
   * @param db of the caller's transaction
   */
  async intend(db: Database, target: CutTarget): Promise<BrowserCutRow> {
    const row = {
      id: ulid(),
      hub_id: target.hubId ?? null,
      account_id: target.accountId ?? null,
      grant_id: target.grantId ?? null,
      created_at_ms: this.#options.clock(),
      finished_at_ms: null,
    };
    await insertBrowserCut(db, row);
    return row;
  }

  /**
   * Cuts browsers off together with the reason, such as the end of a sign-in. The intent is written before it, so that
   * no crash leaves a browser on the net that could not come back, and holds for every key asked for until after it.
   */
  async endAccess(target: CutTarget, end: () => Promise<void>): Promise<void> {
    const { db, clock } = this.#options;
    const cut = await this.intend(db, target);
    await end();
    const renewed = { ...cut, created_at_ms: clock() };
    await renewBrowserCut(db, cut.id, renewed.created_at_ms);
    await this.finish(renewed);
  }

  /** Carries an intent out now, or leaves it to reconcile() when Headscale is silent. Never rejects because of Headscale. */
  async finish(cut: BrowserCutRow): Promise<void> {
    try {
      await this.#carryOut(cut);
    } catch (error) {
      this.#options.log('warn', 'cut-postponed', { error: errorText(error) });
    }
  }

  /**
   * Carries out what was begun while Headscale was silent or this server died.
   * @param shardId if set, only cuts that have to do with this shard
   */
  async reconcile(shardId?: string): Promise<void> {
    for (const cut of await listUnfinishedCuts(this.#options.db)) {
      try {
        const places = (await this.#placesOf(cut)).map(([{ id }]) => id);
        const isHere = shardId === undefined || places.length === 0 || places.includes(shardId);
        if (isHere) await this.#carryOut(cut);
      } catch (error) {
        this.#options.log('warn', 'cut-postponed', { error: errorText(error) });
      }
    }
  }

  /** The keys that a cut is about, by shard. */
  async #placesOf(cut: BrowserCutRow): Promise<[Shard, Set<string>][]> {
    const { db, shards } = this.#options;
    return [...shards.group(await listKeysOfCut(db, cut))];
  }

  /** On all shards that it has to do with. Calls for one cut join. */
  #carryOut(cut: BrowserCutRow): Promise<void> {
    const running = this.#running.get(cut.id);
    if (running?.atMs === cut.created_at_ms) return running.work;
    const work = this.#cut(cut).finally(() => {
      if (this.#running.get(cut.id)?.work === work) this.#running.delete(cut.id);
    });
    this.#running.set(cut.id, { atMs: cut.created_at_ms, work });
    return work;
  }

  async #cut(cut: BrowserCutRow): Promise<void> {
    const { db, clock, log } = this.#options;
    const places = await this.#placesOf(cut);
    // A silent Headscale must not keep the browsers of another one on the net.
    const done = await Promise.allSettled(
      places.map(([shard, keyIds]) => this.#cutOn(shard, cut, keyIds)),
    );
    for (const part of done) if (part.status === 'rejected') throw part.reason;
    await markCutFinished(db, cut.id, clock());
    const count = places.reduce((sum, [, keyIds]) => sum + keyIds.size, 0);
    log('info', 'browsers-cut', { count });
  }

  async #cutOn(shard: Shard, cut: BrowserCutRow, keyIds: ReadonlySet<string>): Promise<void> {
    await shard.headscale.health(); // A silent Headscale is noticed in 0.6 s, not in 5.
    // The living first: they are what a person waits for.
    await Promise.all([this.#cutNodesOf(shard, cut, keyIds), this.#expireUnused(shard, keyIds)]);
    for (let round = 2; round <= MAX_ROUNDS; round += 1) {
      if (!(await this.#cutNodesOf(shard, cut, keyIds))) break;
    }
    shard.directory.invalidate();
  }

  /** @returns whether there were any */
  async #cutNodesOf(
    { headscale, directory }: Shard,
    cut: BrowserCutRow,
    keyIds: ReadonlySet<string>,
  ): Promise<boolean> {
    const { db, clock } = this.#options;
    const nodes = (await directory.fresh()).filter(
      (node) => isBrowserNode(node) && keyIds.has(node.preAuthKey?.id ?? ''),
    );
    for (const { id: nodeId } of nodes) {
      const about = { accountId: cut.account_id, hubId: cut.hub_id ?? undefined, nodeId };
      await recordAudit(db, clock(), { event: 'node-cut', ...about });
    }
    await cutNodes(headscale, nodes);
    return nodes.length > 0;
  }

  async #expireUnused({ headscale }: Shard, keyIds: ReadonlySet<string>): Promise<void> {
    const { clock } = this.#options;
    const unused = (await headscale.listKeys()).filter(
      (key) => keyIds.has(key.id) && !key.used && (key.expiration ?? 0) > clock(),
    );
    await Promise.all(unused.map((key) => headscale.expireKey(key.id)));
  }
}
