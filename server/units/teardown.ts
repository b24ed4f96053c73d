import type { Database } from '../database/database.ts';
import { listHubsInState, markHubDeleted, type HubRow } from '../database/hubs.ts';
import type { HeadscaleClient } from '../headscale/client.ts';
import { isHeadscaleError } from '../headscale/errors.ts';
import { errorText, type Log } from '../log.ts';
import { cutNodes } from './cut-nodes.ts';
import type { NodeDirectory } from './node-directory.ts';
import { unitName } from './unit.ts';

/** A key that was used between our two looks makes one more node; more rounds than this mean another fault. */
const MAX_ROUNDS = 4;

export interface TeardownOptions {
  db: Database;
  headscale: HeadscaleClient;
  directory: NodeDirectory;
  log: Log;
}

/** Takes units of deleted hubs out of Headscale. */
export class Teardown {
  readonly #db: Database;
  readonly #headscale: HeadscaleClient;
  readonly #directory: NodeDirectory;
  readonly #log: Log;
  readonly #running = new Map<string, Promise<void>>();

  constructor(options: TeardownOptions) {
    this.#db = options.db;
    this.#headscale = options.headscale;
    this.#directory = options.directory;
    this.#log = options.log;
  }

  /** Removes everything of a hub in state `deleting`. Calls for one hub join. @throws HeadscaleError; then try again later */
  finish(hub: Pick<HubRow, 'id'>): Promise<void> {
    const running = this.#running.get(hub.id);
    if (running) return running;
    const work = this.#remove(hub.id).finally(() => this.#running.delete(hub.id));
    this.#running.set(hub.id, work);
    return work;
  }

  /** Finishes what was begun while Headscale was silent or this server died. Never rejects because of Headscale. */
  async reconcile(): Promise<void> {
    for (const hub of await listHubsInState(this.#db, 'deleting')) {
      try {
        await this.finish(hub);
      } catch (error) {
        this.#log('warn', 'teardown-postponed', { hubId: hub.id, error: errorText(error) });
        if (isHeadscaleError(error, 'unavailable')) return;
      }
    }
  }

  async #remove(hubId: string): Promise<void> {
    await this.#headscale.health(); // A silent Headscale is noticed in 0.6 s, not in 5.
    const name = unitName(hubId);
    // Nodes first: cutting the living is what a person waits for.
    await this.#deleteNodes(name);
    const user = await this.#headscale.findUser(name);
    if (user) await this.#removeUser(user.id, name);
    await markHubDeleted(this.#db, hubId);
    this.#log('info', 'hub-deleted', { hubId });
  }

  async #removeUser(userId: string, name: string): Promise<void> {
    for (let round = 1; ; round += 1) {
      await this.#deleteKeys(name);
      await this.#deleteNodes(name); // those of keys that were used since
      try {
        await this.#headscale.deleteUser(userId);
        return;
      } catch (error) {
        // "user not empty": a key was used in the very moment. Any other conflict will not go away.
        if (!isHeadscaleError(error, 'conflict') || round === MAX_ROUNDS) throw error;
      }
    }
  }

  async #deleteNodes(name: string): Promise<void> {
    const nodes = await this.#headscale.listNodes(name);
    await cutNodes(this.#headscale, nodes);
    this.#directory.invalidate();
  }

  async #deleteKeys(name: string): Promise<void> {
    const keys = await this.#headscale.listKeys();
    for (const key of keys) {
      if (key.user?.name === name) await this.#headscale.deleteKey(key.id);
    }
  }
}
