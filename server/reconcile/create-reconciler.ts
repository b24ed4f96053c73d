import type { ApiKeySource } from '../headscale/api-key.ts';
import type { Services } from '../services.ts';
import { UnitKeys } from '../units/unit-keys.ts';
import { rotateApiKey } from './api-key.ts';
import type { ReconcileContext } from './context.ts';
import { endUnansweredKeys, noteUsedKeys } from './keys.ts';
import type { Leadership } from './leadership.ts';
import { policyWatch } from './policy.ts';
import { Reconciler, type Task } from './reconciler.ts';
import { watchShard } from './shard.ts';
import { quarantineUnknownNodes } from './unknown-nodes.ts';
import { reconcileUsers } from './users.ts';

const MINUTE_MS = 60_000;

export interface ReconcilerParts {
  shardId: string;
  leadership: Leadership;
  apiKeys: ApiKeySource;
  /** Puts our policy back in force; undefined for a Headscale that somebody else runs. */
  restorePolicy: (() => Promise<void>) | undefined;
}

/** Everything that is brought to what our database says, in the order in which one relies on the other. */
export function createReconciler(services: Services, parts: ReconcilerParts): Reconciler {
  const { maintenance, clock, log } = services;
  const { shardId } = parts;
  const { headscale, gate, directory } = services.shards.of({ shard_id: shardId });
  const context: ReconcileContext = { ...services, shardId, headscale, gate, directory };
  const keys = new UnitKeys(services);
  const tasks: Task[] = [
    // 20 s: a policy that somebody changed is back within a minute, with room for one failure.
    {
      name: 'policy',
      everyMs: MINUTE_MS / 3,
      run: policyWatch(context, parts.restorePolicy),
    },
    { name: 'shard', isGuard: true, run: () => watchShard(context) },
    { name: 'access', run: () => maintenance.reconcile(shardId) },
    { name: 'unknown-nodes', run: () => quarantineUnknownNodes(context) },
    { name: 'used-keys', run: () => noteUsedKeys(context) },
    { name: 'unanswered-keys', run: () => endUnansweredKeys(context) },
    { name: 'users', everyMs: MINUTE_MS, run: () => reconcileUsers(context, keys) },
    { name: 'sweep', everyMs: MINUTE_MS, run: () => maintenance.sweep(shardId) },
    { name: 'api-key', everyMs: 60 * MINUTE_MS, run: () => rotateApiKey(context, parts.apiKeys) },
  ];
  return new Reconciler({ leadership: parts.leadership, tasks, clock, log });
}
