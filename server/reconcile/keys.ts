import { recordAudit } from '../audit/audit.ts';
import { findHub, updateIssuedKey } from '../database/hubs.ts';
import {
  listIssuedKeys,
  listUnansweredKeys,
  markKeyUsed,
  type IssuedKeyRow,
} from '../database/reconcile.ts';
import { unitName } from '../units/unit.ts';
import type { ReconcileContext } from './context.ts';

/** A request for a key ends long before this, in ms: what is still unanswered then was cut short by a crash. */
const UNANSWERED_MS = 60_000;
/** Twice what two clocks may differ unnoticed (headscale/client.ts). */
const SAME_END_MS = 4000;

/** Ends keys that were made and never handed out, because the server died in between. @throws HeadscaleError */
export async function endUnansweredKeys(context: ReconcileContext): Promise<void> {
  const { shardId, db, headscale, clock } = context;
  const rows = await listUnansweredKeys(db, shardId, clock() - UNANSWERED_MS);
  if (rows.length === 0) return;
  const keys = await headscale.listKeys();
  const ours = await listIssuedKeys(
    db,
    shardId,
    keys.map((key) => key.id),
  );
  const answered = new Set(ours.map((row) => row.headscale_key_id));
  for (const row of rows) {
    // Headscale keeps no note of ours, but the end of a key's life to the millisecond, which we chose. Where its clock is
    // another and was corrected since, it is off by the little that nobody corrects.
    const made = keys.filter(
      (key) =>
        !answered.has(key.id) &&
        key.user?.name === unitName(row.hub_id) &&
        key.ephemeral === (row.kind === 'browser') &&
        Math.abs((key.expiration ?? 0) - row.expires_at_ms) < SAME_END_MS,
    );
    for (const key of made) await headscale.expireKey(key.id);
    await updateIssuedKey(db, row.id, { state: 'spent' });
  }
}

/**
 * Records who joined with which key, and expires browser keys that were used: spent they are by Headscale's own word
 * already, this is the second lock.
 * @throws HeadscaleError
 */
export async function noteUsedKeys(context: ReconcileContext): Promise<void> {
  const { shardId, db, headscale, directory } = context;
  const { nodes, isStale } = await directory.list();
  if (isStale) return;
  const nodeByKey = new Map(nodes.map((node) => [node.preAuthKey?.id, node.id]));
  const ids = nodes.flatMap((node) => node.preAuthKey?.id ?? []);
  for (const row of await listIssuedKeys(db, shardId, ids)) {
    if (row.used_at_ms !== null || row.headscale_key_id === null) continue;
    await noteUse(context, row, nodeByKey.get(row.headscale_key_id));
    if (row.kind === 'browser') await headscale.expireKey(row.headscale_key_id);
  }
}

async function noteUse(
  { db, clock }: ReconcileContext,
  row: IssuedKeyRow,
  nodeId: string | undefined,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (!(await markKeyUsed(trx, row.id, clock()))) return;
    const hub = await findHub(trx, row.hub_id);
    await recordAudit(trx, clock(), {
      event: 'key-used',
      accountId: row.account_id ?? hub?.account_id,
      hubId: row.hub_id,
      keyId: row.id,
      nodeId,
      kind: row.kind,
    });
  });
}
