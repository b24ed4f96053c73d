import type { HeadscaleClient } from '../headscale/client.ts';
import { HeadscaleError } from '../headscale/errors.ts';
import type { HeadscaleNode } from '../headscale/schemas.ts';

/** One list serves all requests of this time, in ms: each costs Headscale about 60 ms of processor. */
const FRESH_MS = 2000;
/** Longest wait of a request that can also be answered with the old list, in ms. */
const PATIENCE_MS = 700;
/** After a failure nobody asks again for this long, in ms. */
const RETRY_AFTER_MS = 1000;

export interface NodeList {
  nodes: readonly HeadscaleNode[];
  /** When Headscale gave the list. */
  atMs: number;
  isStale: boolean;
}

/** The nodes of units. */
export interface NodeDirectory {
  /** The nodes, at most 2 s old; or, marked stale, as they were last known when Headscale is silent. Never rejects. */
  list(): Promise<NodeList>;
  /** The nodes as they are now. @throws HeadscaleError */
  fresh(): Promise<readonly HeadscaleNode[]>;
  /** Makes the next list() ask again, after a change that we made ourselves. */
  invalidate(): void;
}

/** The nodes of one Headscale, from one list that is asked for at most every 2 s. */
export class ShardNodes implements NodeDirectory {
  readonly #client: HeadscaleClient;
  readonly #clock: () => number;
  #last: { nodes: readonly HeadscaleNode[]; atMs: number };
  #isInvalid = true;
  #failedAtMs = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<readonly HeadscaleNode[]> | undefined;

  constructor(client: HeadscaleClient, clock: () => number) {
    this.#client = client;
    this.#clock = clock;
    this.#last = { nodes: [], atMs: clock() };
  }

  async list(): Promise<NodeList> {
    const nowMs = this.#clock();
    if (!this.#isInvalid && nowMs - this.#last.atMs < FRESH_MS) {
      return { ...this.#last, isStale: false };
    }
    if (nowMs - this.#failedAtMs < RETRY_AFTER_MS) return { ...this.#last, isStale: true };
    const patience = timeout(PATIENCE_MS);
    const isFresh = await Promise.race([
      this.#join().then(
        () => true,
        () => false,
      ),
      patience.promise,
    ]);
    patience.cancel();
    return { ...this.#last, isStale: !isFresh };
  }

  async fresh(): Promise<readonly HeadscaleNode[]> {
    // A list that was asked for before this call may miss what happened since.
    await this.#refreshing?.catch(() => {});
    return this.#join();
  }

  invalidate(): void {
    this.#isInvalid = true;
    this.#failedAtMs = Number.NEGATIVE_INFINITY;
  }

  #join(): Promise<readonly HeadscaleNode[]> {
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #refresh(): Promise<readonly HeadscaleNode[]> {
    const atMs = this.#clock();
    this.#isInvalid = false; // An invalidate() from here on asks for the next list.
    try {
      await this.#client.health(); // Notices a silent Headscale in 0.6 s; the list itself may take long.
      const nodes = await this.#client.listNodes();
      this.#last = { nodes, atMs };
      return nodes;
    } catch (error) {
      this.#failedAtMs = this.#clock();
      this.#isInvalid = true;
      throw error instanceof HeadscaleError
        ? error
        : new HeadscaleError('unexpected', 'list the nodes', { cause: error });
    }
  }
}

function timeout(ms: number): { promise: Promise<false>; cancel: () => void } {
  const { promise, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), ms);
  return { promise, cancel: () => clearTimeout(timer) };
}
