import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { within } from '../bench/within.ts';
import { bin } from '../paths.ts';

/** A busy Headscale with hundreds of nodes needs seconds; minutes mean that it does not come. */
const PATIENCE_MS = 120_000;

const News = z.object({
  id: z.string(),
  nodeKey: z.string().optional(),
  peers: z.array(z.string()).default([]),
  online: z.array(z.string()).default([]),
  lost: z.string().optional(),
  failed: z.string().optional(),
  left: z.boolean().default(false),
});

/** What a node needs to register. */
export interface NewNode {
  /** Ours; one that left may not come back. */
  id: string;
  controlUrl: string;
  authKey: string;
  hostname: string;
}

/** What one client knows. Peers are named by their node keys. */
interface View {
  nodeKey: string | undefined;
  peers: ReadonlySet<string>;
  online: ReadonlySet<string>;
  /** Every peer that was ever in its map. */
  ever: Set<string>;
  failed: string | undefined;
  hasLeft: boolean;
}

interface Waiting {
  isOver: (view: View) => boolean;
  done: () => void;
  fail: (error: Error) => void;
}

/** Tailscale's own control clients, hundreds in one process of their own (`tools/tailscale/mapclients`). */
export class MapClients {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #views = new Map<string, View>();
  readonly #waiting = new Map<string, Set<Waiting>>();
  #lost = 0;
  #end: Error | undefined;

  constructor() {
    this.#child = spawn(path.join(bin, 'map-clients'));
    let said = '';
    this.#child.stderr.on('data', (chunk: Buffer) => (said = (said + String(chunk)).slice(-2000)));
    this.#child.on('error', (error) => this.#fail(error));
    this.#child.on('exit', () => this.#fail(new Error(`map-clients ended: ${said}`)));
    this.#child.stdin.on('error', () => {}); // it ended, which is heard above
    createInterface(this.#child.stdout).on('line', (line) => this.#hear(line));
  }

  /** How many maps ended by themselves and were asked for again. */
  get lost(): number {
    return this.#lost;
  }

  /** @returns the node's key when it has its first map @throws Error when it is refused */
  async join(node: NewNode): Promise<string> {
    if (this.#views.has(node.id)) throw new Error(`${node.id} was there before`);
    const nobody: ReadonlySet<string> = new Set();
    this.#views.set(node.id, {
      nodeKey: undefined,
      peers: nobody,
      online: nobody,
      ever: new Set(),
      failed: undefined,
      hasLeft: false,
    });
    this.#send(node);
    await this.#until(node.id, 'has a map', ({ nodeKey }) => nodeKey !== undefined);
    return this.view(node.id).nodeKey ?? '';
  }

  /** Waits until a client has a peer in its map, and online. */
  whenOnline(id: string, peer: string): Promise<void> {
    return this.#until(id, `sees ${peer}`, ({ online }) => online.has(peer));
  }

  /** Waits until a client has no peer in its map. */
  whenAlone(id: string): Promise<void> {
    return this.#until(id, 'sees nobody', ({ peers }) => peers.size === 0);
  }

  /** Logs a node out. */
  async leave(id: string): Promise<void> {
    this.#send({ id, leave: true });
    await this.#until(id, 'has left', ({ hasLeft }) => hasLeft);
  }

  view(id: string): Readonly<View> {
    const view = this.#views.get(id);
    if (view) return view;
    throw new Error(`there is no client ${id}`);
  }

  /** Ends the process; nobody is logged out. */
  async stop(): Promise<void> {
    if (this.#end) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  #send(order: object): void {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`);
  }

  #hear(line: string): void {
    const { id, nodeKey, peers, online, lost, failed, left } = News.parse(JSON.parse(line));
    const view = this.#views.get(id);
    if (!view) throw new Error(`map-clients speaks of ${id}, whom nobody sent`);
    if (lost !== undefined) this.#lost += 1;
    else if (failed !== undefined) view.failed = failed;
    else if (left) view.hasLeft = true;
    else {
      Object.assign(view, { nodeKey, peers: new Set(peers), online: new Set(online) });
      for (const peer of peers) view.ever.add(peer);
    }
    for (const one of this.#waiting.get(id) ?? []) {
      if (view.failed !== undefined) one.fail(new Error(`${id}: ${view.failed}`));
      else if (one.isOver(view)) one.done();
    }
  }

  async #until(id: string, what: string, isOver: (view: View) => boolean): Promise<void> {
    if (this.#end) throw this.#end;
    if (isOver(this.view(id))) return;
    const { promise, resolve: done, reject: fail } = Promise.withResolvers<void>();
    const one = { isOver, done, fail };
    const all = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, all.add(one));
    try {
      await within(PATIENCE_MS, `${id} ${what}`, promise);
    } finally {
      all.delete(one);
    }
  }

  #fail(error: Error): void {
    this.#end ??= error;
    for (const all of this.#waiting.values()) for (const one of all) one.fail(error);
  }
}
