import { findHub, updateHub } from '../database/hubs.ts';
import { listHubsOfShard } from '../database/reconcile.ts';
import { unitName } from '../units/unit.ts';
import type { UnitKeys } from '../units/unit-keys.ts';
import type { ReconcileContext } from './context.ts';

/** Every active hub has its user in Headscale, under the id that Headscale gives it now. @throws HeadscaleError */
export async function reconcileUsers(context: ReconcileContext, keys: UnitKeys): Promise<void> {
  const { shardId, db, headscale } = context;
  // Hubs first: a user made since is then in the list, one deleted since is not missed.
  const hubs = await listHubsOfShard(db, shardId);
  const users = await headscale.listUsers();
  const idByName = new Map(users.map((user) => [user.name, user.id]));
  for (const hub of hubs) {
    if (hub.state !== 'active') continue;
    const userId = idByName.get(unitName(hub.id));
    if (userId !== undefined && userId === hub.headscale_user_id) continue;
    if (userId !== undefined) await updateHub(db, hub.id, { headscale_user_id: userId });
    else await makeUser(context, keys, hub.id);
  }
}

async function makeUser({ db }: ReconcileContext, keys: UnitKeys, hubId: string): Promise<void> {
  const hub = await findHub(db, hubId); // it may have been deleted since
  if (hub?.state === 'active') await keys.ensureUser({ ...hub, headscale_user_id: null });
}
