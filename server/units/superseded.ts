import type { InstanceKeyRow } from '../database/hubs.ts';
import type { HeadscaleNode } from '../headscale/schemas.ts';

/**
 * Nodes of browsers that have a newer node in the same unit: after a restart a browser has lost the older one's identity.
 * @param keys what we know of the keys that the nodes joined with
 * @returns ids of nodes
 */
export function supersededNodes(
  nodes: readonly HeadscaleNode[],
  keys: readonly InstanceKeyRow[],
): Set<string> {
  const keyOf = new Map(keys.map((key) => [key.headscale_key_id, key]));
  const joined = nodes.flatMap((node) => {
    const key = keyOf.get(node.preAuthKey?.id ?? null);
    return key ? [{ node, key }] : [];
  });
  // The account is part of it: a guest of the unit cannot have another's node cut by saying its name.
  const browserOf = ({ hub_id: hubId, account_id: accountId, instance }: InstanceKeyRow) =>
    JSON.stringify([hubId, accountId, instance]);
  const newestMs = new Map<string, number>();
  for (const { key } of joined) {
    const browser = browserOf(key);
    newestMs.set(browser, Math.max(newestMs.get(browser) ?? 0, key.created_at_ms));
  }
  const old = joined.filter(({ key }) => key.created_at_ms < (newestMs.get(browserOf(key)) ?? 0));
  return new Set(old.map(({ node }) => node.id));
}
