import { recordAudit } from '../audit/audit.ts';
import {
  deleteUnknownNode,
  insertUnknownNode,
  listHubsOfShard,
  listIssuedKeys,
  listUnknownNodes,
  type UnknownNodeRow,
} from '../database/reconcile.ts';
import type { HeadscaleNode } from '../headscale/schemas.ts';
import { cutNodes } from '../units/cut-nodes.ts';
import { isExpired, isUnitName, unitName } from '../units/unit.ts';
import type { ReconcileContext } from './context.ts';

/** How long an administrator can look at a node that is cut off already, in ms. */
const KEEP_MS = 10 * 60 * 1000;

/**
 * Cuts off nodes that are in a unit though we let nobody in: they joined with no key of ours. They stay visible for
 * some minutes, expired, and are then deleted.
 * @throws HeadscaleError
 */
export async function quarantineUnknownNodes(context: ReconcileContext): Promise<void> {
  const { shardId, db, headscale, directory, clock } = context;
  // Nodes first: whoever joined with a key has a row that is older.
  const { nodes, isStale } = await directory.list();
  if (isStale) return;
  const unknown = await findUnknown(context, nodes);
  for (const node of unknown) {
    await remember(context, node);
    if (!isExpired(node, clock())) await headscale.expireNode(node.id);
  }
  const ids = new Set(unknown.map((node) => node.id));
  for (const row of await listUnknownNodes(db, shardId)) {
    if (!ids.has(row.node_id)) await deleteUnknownNode(db, row);
    else if (clock() - row.found_at_ms > KEEP_MS) await remove(context, row);
  }
}

async function findUnknown(
  { shardId, db }: ReconcileContext,
  nodes: readonly HeadscaleNode[],
): Promise<HeadscaleNode[]> {
  const inUnits = nodes.filter((node) => isUnitName(node.user?.name));
  if (inUnits.length === 0) return [];
  const hubs = await listHubsOfShard(db, shardId);
  const hubByUnit = new Map(hubs.map((hub) => [unitName(hub.id), hub]));
  const rows = await listIssuedKeys(
    db,
    shardId,
    inUnits.flatMap((node) => node.preAuthKey?.id ?? []),
  );
  const unitByKey = new Map(rows.map((row) => [row.headscale_key_id, unitName(row.hub_id)]));
  return inUnits.filter((node) => {
    const unit = node.user?.name ?? '';
    const hub = hubByUnit.get(unit);
    // Teardown is about to delete it.
    if (hub?.state === 'deleting' || (hub && hub.node_id === node.id)) return false;
    return !node.preAuthKey || unitByKey.get(node.preAuthKey.id) !== unit;
  });
}

async function remember(context: ReconcileContext, node: HeadscaleNode): Promise<void> {
  const { shardId, db, notices, clock, log } = context;
  const row = {
    shard_id: shardId,
    node_id: node.id,
    unit: node.user?.name ?? '',
    hostname: node.givenName,
    found_at_ms: clock(),
  };
  const isNew = await db.transaction().execute(async (trx) => {
    if (!(await insertUnknownNode(trx, row))) return false;
    await recordAudit(trx, clock(), { event: 'unknown-node-found', ...about(row) });
    return true;
  });
  if (!isNew) return;
  log('warn', 'unknown-node-found', { nodeId: node.id });
  const hubs = await listHubsOfShard(db, shardId);
  const hub = hubs.find(({ id }) => unitName(id) === row.unit);
  if (hub) await notices.report(hub.id, 'unknown-node');
}

async function remove(context: ReconcileContext, row: UnknownNodeRow): Promise<void> {
  const { db, headscale, directory, clock } = context;
  await recordAudit(db, clock(), { event: 'unknown-node-removed', ...about(row) });
  await cutNodes(headscale, [{ id: row.node_id }]);
  await deleteUnknownNode(db, row);
  directory.invalidate();
}

function about(row: UnknownNodeRow) {
  return { nodeId: row.node_id, reason: `joined ${row.unit} with no key of this server` };
}
