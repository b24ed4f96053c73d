import { relay, type Relay } from '../../../lib/relay.ts';

/** The page around the workers. It passes questions on and takes no part in what is measured. */
export interface BenchPage {
  /** Starts a worker with one client, and asks at once. Workers are counted from 0. */
  start(peer: string, kind: string, ask: unknown): Promise<unknown>;
  ask(worker: number, kind: string, ask: unknown): Promise<unknown>;
}

declare global {
  var bench: BenchPage;
}

const workers: { worker: Worker; relay: Relay }[] = [];

function orDie(worker: Worker, answer: Promise<unknown>): Promise<unknown> {
  const died = new Promise<never>((_, reject) =>
    worker.addEventListener('error', ({ message }) => reject(new Error(message)), { once: true }),
  );
  return Promise.race([answer, died]);
}

globalThis.bench = {
  start(peer, kind, ask) {
    const worker = new Worker('/bench/worker.js', { type: 'module', name: peer });
    const toWorker = relay(worker, () => null);
    workers.push({ worker, relay: toWorker });
    return orDie(worker, toWorker.ask(kind, ask));
  },
  ask(index, kind, ask) {
    const found = workers[index];
    if (!found) throw new Error(`there is no worker ${index}`);
    return orDie(found.worker, found.relay.ask(kind, ask));
  },
};
