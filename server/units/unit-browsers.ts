import { listKeyHolders } from '../database/browser-cuts.ts';
import type { Database } from '../database/database.ts';
import type { HeadscaleNode } from '../headscale/schemas.ts';
import { isBrowserNode, isNodeOfUnit } from './unit.ts';

/** A browser node, and whose it is. */
export interface UnitBrowser {
  node: HeadscaleNode;
  /** Null if the server no longer knows who asked for its key. */
  holder: { accountId: string; email: string; grantId: string | null } | null;
}

/** Tells whose a browser node is, by the key that it joined with. */
export class UnitBrowsers {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The browser nodes of a hub's unit. */
  async of(nodes: readonly HeadscaleNode[], hubId: string): Promise<UnitBrowser[]> {
    const own = nodes.filter((node) => isNodeOfUnit(node, hubId) && isBrowserNode(node));
    if (own.length === 0) return [];
    const rows = await listKeyHolders(
      this.#db,
      hubId,
      own.map((node) => node.preAuthKey?.id ?? ''),
    );
    const holders = new Map(rows.map((row) => [row.headscale_key_id, row]));
    return own.map((node) => {
      const row = holders.get(node.preAuthKey?.id ?? '');
      const holder = row && { accountId: row.account_id, email: row.email, grantId: row.grant_id };
      return { node, holder: holder ?? null };
    });
  }

  /** Those of one account. */
  async ofAccount(
    nodes: readonly HeadscaleNode[],
    hubId: string,
    accountId: string,
  ): Promise<UnitBrowser[]> {
    const all = await this.of(nodes, hubId);
    return all.filter(({ holder }) => holder?.accountId === accountId);
  }
}
