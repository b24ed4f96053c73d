import { DEFAULT_SHARD } from '../database/hubs.ts';
import type { HeadscaleClient } from '../headscale/client.ts';
import type { HeadscaleGate } from '../headscale/gate.ts';
import { ApiError } from '../problem.ts';
import { KeyQueue } from './key-queue.ts';
import { ShardNodes, type NodeDirectory, type NodeList } from './node-directory.ts';

export interface ShardOptions {
  /** `default`, or as the configuration names it. */
  id: string;
  headscale: HeadscaleClient;
  gate: HeadscaleGate;
  /** Base URL of its Headscale as hubs and browsers reach it. */
  controlUrl: string;
  /** Hubs that it may hold; one more is refused. */
  hubLimit: number;
}

/** One Headscale, and what stands before it. A hub stays on its shard for life. */
export interface Shard extends ShardOptions {
  directory: NodeDirectory;
  /** Each Headscale makes its keys one after the other. */
  queue: KeyQueue;
}

/** Between a shard's id and what its Headscale calls a node or a key; the default shard's ids are bare. */
const SEPARATOR = '.';

/** What makes ids of one Headscale differ from those of all others. */
export function idPrefix(shardId: string): string {
  return shardId === DEFAULT_SHARD ? '' : shardId + SEPARATOR;
}

/** The Headscales that units live on. Nothing crosses from one to another. */
export class Shards {
  readonly list: readonly Shard[];
  readonly #byId: ReadonlyMap<string, Shard>;

  constructor(options: readonly ShardOptions[], clock: () => number) {
    this.list = options.map((shard) => ({
      ...shard,
      directory: new ShardNodes(shard.headscale, clock),
      queue: new KeyQueue(),
    }));
    this.#byId = new Map(this.list.map((shard) => [shard.id, shard]));
  }

  /** The shard of a hub. */
  of({ shard_id: id }: { shard_id: string }): Shard {
    const shard = this.#byId.get(id);
    if (shard) return shard;
    throw new Error(`invariant: the server starts only when shard ${id} is configured`);
  }

  /** The shard whose Headscale gave an id to a node or a key. */
  ofId(id: string): Shard {
    return this.of({ shard_id: shardIdOf(id) });
  }

  /** Ids of nodes or keys, by their shards. Those of a shard that is not configured any more are of no Headscale. */
  group(ids: Iterable<string>): Map<Shard, Set<string>> {
    const groups = new Map<Shard, Set<string>>();
    for (const id of ids) {
      const shard = this.#byId.get(shardIdOf(id));
      if (shard) groups.set(shard, (groups.get(shard) ?? new Set()).add(id));
    }
    return groups;
  }

  /** The nodes of these hubs' shards, as one list that is as old as its oldest part. Never rejects. */
  async nodesOf(hubs: readonly { shard_id: string }[]): Promise<NodeList> {
    return joinLists([...new Set(hubs.map((hub) => this.of(hub)))]);
  }

  /** All shards as one. */
  get directory(): NodeDirectory {
    return {
      list: () => joinLists(this.list),
      fresh: async () =>
        (await Promise.all(this.list.map(({ directory }) => directory.fresh()))).flat(),
      invalidate: () => {
        for (const { directory } of this.list) directory.invalidate();
      },
    };
  }

  /**
   * Where a new hub goes: where its account's hubs are, else where there is most room.
   * @param hubs how many each shard has
   * @param own shards of the account's hubs, the one to prefer first
   * @throws ApiError conflict when all are full
   */
  withRoom(hubs: ReadonlyMap<string, number>, own: readonly string[]): Shard {
    const room = ({ id, hubLimit }: Shard) => hubLimit - (hubs.get(id) ?? 0);
    const free = this.list.filter((shard) => room(shard) > 0);
    const known = free.find(({ id }) => own.includes(id));
    const shard = known ?? free.toSorted((one, other) => room(other) - room(one))[0];
    if (shard) return shard;
    const limit = this.list.reduce((sum, { hubLimit }) => sum + hubLimit, 0);
    throw new ApiError(
      'conflict',
      `This server holds ${limit} hubs, as many as it may. Its administrator can add a Headscale ` +
        '(shards in hubtab.yaml); or delete a hub that is not needed.',
    );
  }
}

function shardIdOf(id: string): string {
  const at = id.indexOf(SEPARATOR);
  return at === -1 ? DEFAULT_SHARD : id.slice(0, at);
}

async function joinLists(shards: readonly Shard[]): Promise<NodeList> {
  const lists = await Promise.all(shards.map(({ directory }) => directory.list()));
  return {
    nodes: lists.flatMap(({ nodes }) => nodes),
    atMs: lists.length === 0 ? Date.now() : Math.min(...lists.map(({ atMs }) => atMs)),
    isStale: lists.some(({ isStale }) => isStale),
  };
}
