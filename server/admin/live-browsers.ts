import type { AdminBrowser } from '../../protocol/admin.ts';
import { listBrowserHolders, readNames } from '../database/admin.ts';
import type { Database } from '../database/database.ts';
import type { HeadscaleNode } from '../headscale/schemas.ts';
import { hubIdOfUnit, isBrowserNode, isExpired } from '../units/unit.ts';

/** A browser's node, the hub it is for, and whose it is. */
export interface LiveBrowser {
  node: HeadscaleNode;
  hub: { id: string; name: string };
  /** Null if the server no longer knows who asked for its key. */
  holder: {
    accountId: string;
    email: string;
    grantId: string | null;
    /** What the sign-in called itself. */
    label: string | null;
  } | null;
}

/** The browsers in all units, of the nodes that Headscale named. */
export async function findLiveBrowsers(
  db: Database,
  nodes: readonly HeadscaleNode[],
  nowMs: number,
): Promise<LiveBrowser[]> {
  const found = nodes.flatMap((node) => {
    const hubId = hubIdOfUnit(node.user?.name);
    const isBrowser = isBrowserNode(node) && !isExpired(node, nowMs);
    return hubId !== undefined && isBrowser ? [{ node, hubId }] : [];
  });
  const rows = await listBrowserHolders(
    db,
    found.map(({ node }) => node.preAuthKey?.id ?? ''),
  );
  const holders = new Map(rows.map((row) => [`${row.hub_id} ${row.headscale_key_id}`, row]));
  const { hubNames } = await readNames(db, {
    accounts: [],
    hubs: [...new Set(found.map(({ hubId }) => hubId))],
  });
  return found.map(({ node, hubId }) => {
    const row = holders.get(`${hubId} ${node.preAuthKey?.id}`);
    return {
      node,
      hub: { id: hubId, name: hubNames.get(hubId) ?? hubId },
      holder: row
        ? {
            accountId: row.account_id,
            email: row.email,
            grantId: row.grant_id,
            label: row.label,
          }
        : null,
    };
  });
}

/** @param listAtMs when Headscale named the nodes */
export function toAdminBrowser(browser: LiveBrowser, listAtMs: number): AdminBrowser {
  const { node, hub, holder } = browser;
  // Headscale notes the time when a node goes; one that is here was heard just now.
  const lastSeenMs = node.online ? listAtMs : node.lastSeen;
  return {
    nodeId: node.id,
    account: holder?.email ?? null,
    label: holder?.label ?? null,
    hub,
    online: node.online,
    createdAt: new Date(node.createdAt ?? listAtMs).toISOString(),
    lastSeenAt: lastSeenMs === null ? null : new Date(lastSeenMs).toISOString(),
  };
}
