import { setTimeout as sleep } from 'node:timers/promises';
import type { HeadscaleClient } from '../headscale/client.ts';

/**
 * Between expiry and deletion: our Headscale collects changes for 50 ms before it tells them (tuning.batch_change_delay),
 * and a busy one takes some more. Well under the two seconds that revocation may take.
 */
const TOLD_MS = 500;

/**
 * Cuts live nodes off. Deletion alone does not: Headscale 0.29 never tells a deleted node, which keeps its netmap, and of
 * two nodes that are deleted together neither learns that the other is gone (headscale #3410). An expired node is told
 * at once, and so are its peers.
 * @throws HeadscaleError
 */
export async function cutNodes(
  headscale: HeadscaleClient,
  nodes: readonly { id: string }[],
): Promise<void> {
  if (nodes.length === 0) return;
  await Promise.all(nodes.map(({ id }) => headscale.expireNode(id)));
  await sleep(TOLD_MS);
  await Promise.all(nodes.map(({ id }) => headscale.deleteNode(id)));
}
