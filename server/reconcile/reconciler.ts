import { isHeadscaleError } from '../headscale/errors.ts';
import { errorText, type Log } from '../log.ts';
import type { Leadership } from './leadership.ts';

/** Time between two rounds, in ms: what a crash left undone waits this long at most. */
const ROUND_MS = 10_000;

/** Compares what is with what should be, and mends one kind of difference. Doing it twice is doing it once. */
export interface Task {
  name: string;
  /** Least time between two runs, in ms; if unset, it is part of every round. */
  everyMs?: number;
  /** If it fails, the others would do harm, so the round ends. */
  isGuard?: boolean;
  run: () => Promise<void>;
}

export interface ReconcilerOptions {
  leadership: Leadership;
  /** In this order: later ones rely on what earlier ones mended. */
  tasks: readonly Task[];
  clock: () => number;
  log: Log;
}

/** Runs the tasks, one after the other, again and again, while this server leads. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #lastRunMs = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #wasLeader = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Whether the last round was this server's to do. */
  get isLeading(): boolean {
    return this.#wasLeader;
  }

  start(): void {
    void this.round();
    this.#timer = setInterval(() => void this.round(), ROUND_MS);
    this.#timer.unref();
  }

  /** Waits for what is running. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
    await this.#options.leadership.stop();
  }

  /** One round, after those that are under way. Never rejects. */
  round(): Promise<void> {
    this.#running = this.#running.then(() => this.#round());
    return this.#running;
  }

  async #round(): Promise<void> {
    const { leadership, tasks, log } = this.#options;
    const isLeader = await leadership.isLeader();
    if (isLeader !== this.#wasLeader) log('info', isLeader ? 'leading' : 'following');
    this.#wasLeader = isLeader;
    if (!isLeader) return;
    for (const task of tasks) {
      if (!this.#isDue(task)) continue;
      try {
        await task.run();
      } catch (error) {
        // While Headscale is silent the gate says so once; not every round has to. Nothing else would get further.
        if (isHeadscaleError(error, 'unavailable')) return;
        log('error', 'reconcile-failed', { task: task.name, error: errorText(error) });
        if (task.isGuard) return;
      }
    }
  }

  #isDue(task: Task): boolean {
    const nowMs = this.#options.clock();
    const isDue = nowMs - (this.#lastRunMs.get(task.name) ?? -Infinity) >= (task.everyMs ?? 0);
    if (isDue) this.#lastRunMs.set(task.name, nowMs);
    return isDue;
  }
}
