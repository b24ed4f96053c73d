import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { findAuditHead } from './database/audit.ts';
import { countUnknownNodes } from './database/reconcile.ts';
import type { Database } from './database/database.ts';
import type { Shard, Shards } from './units/shards.ts';

/** In seconds, around the promise of 25 ms for our own work and 1 s for a key while Headscale is silent. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

let ofProcess: Registry | undefined;

/** Memory, event loop and the like: one set for the process, however many servers a test has in it. */
function processMetrics(): Registry {
  if (!ofProcess) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}

/** What Prometheus reads: numbers only, labelled by the patterns of routes, never by what a client sent. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Histogram<'method' | 'route' | 'status'>;

  constructor({ db, shards }: { db: Database; shards: Shards }) {
    this.#requests = new Histogram({
      name: 'hubtab_request_seconds',
      help: 'Time to answer a request',
      labelNames: ['method', 'route', 'status'],
      buckets: BUCKETS,
      registers: [this.#registry],
    });
    this.#shardGauge(
      shards,
      'hubtab_headscale_ready',
      '1 while Headscale answers, is of a known version and runs our policy',
      ({ gate }) => gate.state.kind === 'open',
    );
    this.#shardGauge(
      shards,
      'hubtab_policy_drift',
      '1 while Headscale runs another policy than ours',
      ({ gate: { state } }) => state.kind === 'refused' && state.what === 'policy',
    );
    this.#gauge(
      'hubtab_unknown_nodes',
      'Nodes in units that joined with no key of this server',
      () => countUnknownNodes(db),
    );
    this.#gauge(
      'hubtab_audit_entries',
      'Entries of the audit log',
      async () => (await findAuditHead(db)).seq,
    );
  }

  observeRequest(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status: String(status) }, seconds);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The exposition text. @throws when the database fails */
  text(): Promise<string> {
    return Registry.merge([processMetrics(), this.#registry]).metrics();
  }

  #shardGauge(shards: Shards, name: string, help: string, is: (shard: Shard) => boolean): void {
    const gauge = new Gauge({
      name,
      help,
      labelNames: ['shard'],
      registers: [],
      collect() {
        for (const shard of shards.list) this.set({ shard: shard.id }, Number(is(shard)));
      },
    });
    this.#registry.registerMetric(gauge);
  }

  #gauge(name: string, help: string, read: () => number | Promise<number>): void {
    const gauge = new Gauge({
      name,
      help,
      registers: [],
      async collect() {
        this.set(await read());
      },
    });
    this.#registry.registerMetric(gauge);
  }
}
