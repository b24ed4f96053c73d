import { ulid } from 'ulid';
import { recordAudit } from '../audit/audit.ts';
import { confirmShard, findShard, insertShard, resetShard } from '../database/reconcile.ts';
import { HeadscaleError, isHeadscaleError } from '../headscale/errors.ts';
import type { ReconcileContext } from './context.ts';

const SENTINEL = /^hubtab-[0-9a-hjkmnp-tv-z]{26}$/;

/**
 * Notices a Headscale that lost its database, by the absence of a user that we made in it. Then all that our database
 * says about it is forgotten: the users of units are made again, and hubs are told by their next heartbeat to rejoin.
 * @throws HeadscaleError; kind `unexpected` when another Hubtab server works on this Headscale
 */
export async function watchShard(context: ReconcileContext): Promise<void> {
  const { shardId, db, headscale, directory, clock, log } = context;
  const users = await headscale.listUsers();
  const shard = await findShard(db, shardId);
  if (!shard) {
    const sentinel = newSentinel();
    await insertShard(db, { id: shardId, sentinel, is_confirmed: 0 });
    return watchShard(context);
  }
  const isThere = users.some((user) => user.name === shard.sentinel);
  const foreign = users.find((user) => SENTINEL.test(user.name) && user.name !== shard.sentinel);
  if (foreign && !isThere) {
    throw new HeadscaleError(
      'unexpected',
      `this Headscale belongs to another Hubtab server; if that one is gone for good, delete its user ${foreign.name}`,
    );
  }
  if (isThere) {
    if (shard.is_confirmed === 0) await confirmShard(db, shardId, shard.sentinel);
    return;
  }
  if (shard.is_confirmed === 0) return placeSentinel(context, shard.sentinel);
  const sentinel = newSentinel();
  await db.transaction().execute(async (trx) => {
    await resetShard(trx, shardId, sentinel);
    await recordAudit(trx, clock(), { event: 'headscale-reset-found', reason: shardId });
  });
  directory.invalidate();
  log('error', 'headscale-lost-its-database');
  await placeSentinel(context, sentinel);
}

async function placeSentinel(context: ReconcileContext, sentinel: string): Promise<void> {
  try {
    await context.headscale.createUser(sentinel);
  } catch (error) {
    if (!isHeadscaleError(error, 'conflict')) throw error; // there already, by another server
  }
  await confirmShard(context.db, context.shardId, sentinel);
}

function newSentinel(): string {
  return `hubtab-${ulid().toLowerCase()}`;
}
