import type { Database } from '../database/database.ts';
import { listHubsInState, markHubDeleted, type HubRow } from '../database/hubs.ts';
import { isHeadscaleError } from '../headscale/errors.ts';
import { errorText, type Log } from '../log.ts';
import { cutNodes } from './cut-nodes.ts';
import type { Shard, Shards } from './shards.ts';
import { unitName } from './unit.ts';

/** A key that was used between our two looks makes one more node; more rounds than this mean another fault. */
const MAX_ROUNDS = 4;

export interface TeardownOptions {
  db: Database;
  shards: Shards;
  log: Log;
}

/** Takes units of deleted hubs out of Headscale. */
export class Teardown {
  readonly #db: Database;
  readonly #shards: Shards;
  readonly #log: Log;
  readonly #running = new Map<string, Promise<void>>();

  constructor(options: TeardownOptions) {
    this.#db = options.db;
    this.#shards = options.shards;
    this.#log = options.log;
  }

  /** Removes everything of a hub in state `deleting`. Calls for one hub join. @throws HeadscaleError; then try again later */
  finish(hub: Pick<HubRow, 'id' | 'shard_id'>): Promise<void> {
    const running = this.#running.get(hub.id);
    if (running) return running;
    const work = this.#remove(hub).finally(() => this.#running.delete(hub.id));
    this.#running.set(hub.id, work);
    return work;
  }

  /** Finishes on one shard what was begun while Headscale was silent or this server died. Never rejects because of Headscale. */
  async reconcile(shardId: string): Promise<void> {
    for (const hub of await listHubsInState(this.#db, 'deleting')) {
      if (hub.shard_id !== shardId) continue;
      try {
        await this.finish(hub);
      } catch (error) {
        this.#log('warn', 'teardown-postponed', { hubId: hub.id, error: errorText(error) });
        if (isHeadscaleError(error, 'unavailable')) return;
      }
    }
  }

  async #remove({ id: hubId, ...place }: Pick<HubRow, 'id' | 'shard_id'>): Promise<void> {
    const shard = this.#shards.of(place);
    await shard.headscale.health(); // A silent Headscale is noticed in 0.6 s, not in 5.
    const name = unitName(hubId);
    // Nodes first: cutting the living is what a person waits for.
    await this.#deleteNodes(shard, name);
    const user = await shard.headscale.findUser(name);
    if (user) await this.#removeUser(shard, user.id, name);
    await markHubDeleted(this.#db, hubId);
    this.#log('info', 'hub-deleted', { hubId });
  }

  async #removeUser(shard: Shard, userId: string, name: string): Promise<void> {
    for (let round = 1; ; round += 1) {
      await this.#deleteKeys(shard, name);
      await this.#deleteNodes(shard, name); // those of keys that were used since
      try {
        await shard.headscale.deleteUser(userId);
        return;
      } catch (error) {
        // "user not empty": a key was used in the very moment. Any other conflict will not go away.
        if (!isHeadscaleError(error, 'conflict') || round === MAX_ROUNDS) throw error;
      }
    }
  }

  async #deleteNodes({ headscale, directory }: Shard, name: string): Promise<void> {
    const nodes = await headscale.listNodes(name);
    await cutNodes(headscale, nodes);
    directory.invalidate();
  }

  async #deleteKeys({ headscale }: Shard, name: string): Promise<void> {
    const keys = await headscale.listKeys();
    for (const key of keys) {
      if (key.user?.name === name) await headscale.deleteKey(key.id);
    }
  }
}
