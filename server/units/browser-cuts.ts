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
import type { HeadscaleClient } from '../headscale/client.ts';
import { isHeadscaleError } from '../headscale/errors.ts';
import { errorText, type Log } from '../log.ts';
import { cutNodes } from './cut-nodes.ts';
import type { NodeDirectory } from './node-directory.ts';
import { isBrowserNode } from './unit.ts';

/** A node may register while its key is being expired; it is there at the second look. More means another fault. */
const MAX_ROUNDS = 3;

export interface BrowserCutsOptions {
  db: Database;
  headscale: HeadscaleClient;
  directory: NodeDirectory;
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

  /** Carries out what was begun while Headscale was silent or this server died. */
  async reconcile(): Promise<void> {
    for (const cut of await listUnfinishedCuts(this.#options.db)) {
      try {
        await this.#carryOut(cut);
      } catch (error) {
        this.#options.log('warn', 'cut-postponed', { error: errorText(error) });
        if (isHeadscaleError(error, 'unavailable')) return;
      }
    }
  }

  async #carryOut(cut: BrowserCutRow): Promise<void> {
    const { db, headscale, directory, clock, log } = this.#options;
    const ids = new Set(await listKeysOfCut(db, cut));
    if (ids.size > 0) {
      await headscale.health(); // A silent Headscale is noticed in 0.6 s, not in 5.
      // The living first: they are what a person waits for.
      await Promise.all([this.#cutNodesOf(cut, ids), this.#expireUnused(ids)]);
      for (let round = 2; round <= MAX_ROUNDS; round += 1) {
        if (!(await this.#cutNodesOf(cut, ids))) break;
      }
      directory.invalidate();
    }
    await markCutFinished(db, cut.id, clock());
    log('info', 'browsers-cut', { count: ids.size });
  }

  /** @returns whether there were any */
  async #cutNodesOf(cut: BrowserCutRow, keyIds: ReadonlySet<string>): Promise<boolean> {
    const { db, headscale, directory, clock } = this.#options;
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

  async #expireUnused(keyIds: ReadonlySet<string>): Promise<void> {
    const { headscale, clock } = this.#options;
    const unused = (await headscale.listKeys()).filter(
      (key) => keyIds.has(key.id) && !key.used && (key.expiration ?? 0) > clock(),
    );
    await Promise.all(unused.map((key) => headscale.expireKey(key.id)));
  }
}
