import type { KyselyPlugin } from 'kysely';
import type { Database } from '../../../server/database/database.ts';
import type { HeadscaleClient } from '../../../server/headscale/client.ts';

/**
 * A process that dies at a chosen step: before a statement, before a call to Headscale, or after its effect and before
 * its answer. From then on nothing of it reaches the database or Headscale any more, whatever its code catches.
 */
export class Crash {
  readonly #at: number;
  #steps = 0;

  /** @param at the step to die at, from 1 */
  constructor(at: number) {
    this.#at = at;
  }

  get hasHappened(): boolean {
    return this.#steps >= this.#at;
  }

  database(db: Database): Database {
    const plugin: KyselyPlugin = {
      transformQuery: ({ node }) => {
        this.#step();
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    };
    return db.withPlugin(plugin);
  }

  headscale(client: HeadscaleClient): HeadscaleClient {
    return new Proxy(client, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name, target);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          this.#step();
          const answer: unknown = await Reflect.apply(method, target, args);
          this.#step();
          return answer;
        };
      },
    });
  }

  #step(): void {
    this.#steps += 1;
    if (this.hasHappened) throw new Error(`the process died at step ${this.#at}`);
  }
}
