import type { AdminHealth, HealthFinding } from '../../protocol/admin.ts';
import { checkServer } from '../checks.ts';
import type { Config } from '../config.ts';
import { listHubNodes } from '../database/admin.ts';
import type { Database } from '../database/database.ts';
import { countUnknownNodes } from '../database/reconcile.ts';
import { errorText, scrub } from '../log.ts';
import { isOnline, nodeOf } from '../units/hubs.ts';
import type { NodeDirectory } from '../units/node-directory.ts';
import { findLiveBrowsers } from './live-browsers.ts';

/** One look serves the navigation of this time, in ms: it asks Headscale four times, at 60 ms of processor each. */
const FRESH_MS = 15_000;

export interface HealthOptions {
  config: Config;
  db: Database;
  directory: NodeDirectory;
  version: string;
  clock: () => number;
}

/** Whether the server can do its work, with reasons. */
export class Health {
  readonly #options: HealthOptions;
  readonly #startedAtMs: number;
  #seen: { atMs: number; health: AdminHealth } | undefined;
  #looking: Promise<AdminHealth> | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock();
  }

  /** What was seen last; looks again meanwhile if that is older than 15 s, so that no page waits for a silent Headscale. */
  async recent(): Promise<AdminHealth> {
    const seen = this.#seen;
    if (seen && this.#options.clock() - seen.atMs < FRESH_MS) return seen.health;
    this.#looking ??= this.now().finally(() => (this.#looking = undefined));
    if (!seen) return this.#looking;
    this.#looking.catch(() => {}); // the page that shows the health says so
    return seen.health;
  }

  /** Looks. @throws when the database fails */
  async now(): Promise<AdminHealth> {
    const health = await this.#look();
    this.#seen = { atMs: this.#options.clock(), health };
    return health;
  }

  async #look(): Promise<AdminHealth> {
    const { config, db, directory, version, clock } = this.#options;
    const findings = [
      ...(await checkServer({ config, db, clock })),
      { name: 'nodes', ...(await this.#unknownNodes().catch(failed)) },
    ];
    const list = await directory.list();
    const hubs = await listHubNodes(db);
    const browsers = await findLiveBrowsers(db, list.nodes, clock());
    return {
      state: worst(findings),
      checkedAt: new Date(clock()).toISOString(),
      findings,
      version,
      startedAt: new Date(this.#startedAtMs).toISOString(),
      hubs: {
        online: hubs.filter((hub) => isOnline(nodeOf(hub, list), list.atMs)).length,
        all: hubs.length,
      },
      liveBrowsers: browsers.filter(({ node }) => node.online).length,
    };
  }

  async #unknownNodes(): Promise<Found> {
    const count = await countUnknownNodes(this.#options.db);
    if (count === 0) return { state: 'good', text: 'every one joined with a key of this server' };
    return {
      state: 'warning',
      text: `${count} joined with no key of this server and were cut off; who can reach Headscale’s API or database?`,
    };
  }
}

type Found = Omit<HealthFinding, 'name'>;

function failed(error: unknown): Found {
  return { state: 'failed', text: scrub(errorText(error)) };
}

function worst(findings: readonly HealthFinding[]): HealthFinding['state'] {
  const states = findings.map(({ state }) => state);
  if (states.includes('failed')) return 'failed';
  return states.includes('warning') ? 'warning' : 'good';
}
