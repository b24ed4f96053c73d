import { BrowserKey } from '../../protocol/hubs.ts';
import type { ReachableHub } from '../database/hubs.ts';
import { ApiError } from '../problem.ts';
import { randomName } from '../secrets.ts';
import type { KeptAnswers } from './kept-answers.ts';
import type { Shards } from './shards.ts';
import type { KeyAsker, UnitKeys } from './unit-keys.ts';
import type { UnitBrowsers } from './unit-browsers.ts';

/**
 * Live browsers of one account on one hub. A person has a handful; each costs every node of the unit a peer, and
 * Headscale tells all nodes about each that comes or goes.
 */
export const BROWSERS_PER_HUB = 20;

export interface BrowserKeysOptions {
  keys: UnitKeys;
  answers: KeptAnswers;
  browsers: UnitBrowsers;
  shards: Shards;
}

/** How a request may be repeated. */
export interface Repetition {
  idempotencyKey: string;
  /** Everything that the client sent. */
  content: string;
}

/** Mints browser keys. */
export class BrowserKeys {
  readonly #options: BrowserKeysOptions;

  constructor(options: BrowserKeysOptions) {
    this.#options = options;
  }

  /**
   * A key for a browser to join the hub's unit.
   * @param repetition if set, a repetition within 2 minutes gets the same key
   * @throws ApiError hub-not-joined, headscale-unavailable, rate-limited, conflict, idempotency-key-reused
   */
  issue(
    hub: ReachableHub,
    asker: KeyAsker,
    repetition: Repetition | undefined,
  ): Promise<BrowserKey> {
    if (repetition === undefined) return this.#mint(hub, asker);
    const { accountId } = asker;
    // After a rejoin of the hub the old answer would name a dead node.
    const dependsOn = hub.node_key ?? '';
    const request = { ...repetition, accountId, hubId: hub.id, dependsOn };
    return this.#options.answers.once(request, BrowserKey, () => this.#mint(hub, asker));
  }

  async #mint(hub: ReachableHub, asker: KeyAsker): Promise<BrowserKey> {
    const { keys, shards } = this.#options;
    const { queue, controlUrl } = shards.of(hub);
    const { node_ip: ip, node_key: nodeKey, host_keys: hostKeys } = hub;
    if (ip === null || nodeKey === null || hostKeys === null) {
      throw new ApiError(
        'hub-not-joined',
        `${hub.name} has not joined the network. Run \`hubtab hub up\` on it, then try again.`,
      );
    }
    await keys.assertReady(hub);
    await this.#assertBrowsersLeft(hub, asker.accountId);
    const key = await queue.inTurn(asker.accountId, () => keys.issueBrowserKey(hub, asker));
    return {
      authKey: key.authKey,
      controlUrl,
      expiresAt: new Date(key.expiresAtMs).toISOString(),
      hostname: `browser-${randomName(10)}`,
      hub: {
        name: hub.name,
        ip,
        nodeKey,
        hostKeys: JSON.parse(hostKeys) as string[], // written by us, from a checked heartbeat
        sshUser: hub.ssh_user,
        tmux: { path: hub.tmux_path, socket: hub.tmux_socket },
        hubtabPath: hub.hubtab_path,
      },
    };
  }

  /** From the shared list, 2 s old at most: a quota need not be exact to stop a flood. */
  async #assertBrowsersLeft(hub: ReachableHub, accountId: string): Promise<void> {
    const { browsers, shards } = this.#options;
    const list = await shards.of(hub).directory.list();
    const live = list.nodes.filter((node) => node.online);
    const own = await browsers.ofAccount(live, hub.id, accountId);
    if (own.length < BROWSERS_PER_HUB) return;
    throw new ApiError(
      'conflict',
      `${BROWSERS_PER_HUB} of your browsers are on ${hub.name}, as many as may be. Close or remove one first.`,
    );
  }
}
