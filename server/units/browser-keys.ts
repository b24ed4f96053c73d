import type { BrowserKey } from '../../protocol/hubs.ts';
import type { HubRow } from '../database/hubs.ts';
import { ApiError } from '../problem.ts';
import { randomName } from '../secrets.ts';
import type { KeyAsker, UnitKeys } from './unit-keys.ts';

/** A repeated request gets the same key for this long: time enough for retries after a lost answer. */
const REPLAY_MS = 2 * 60 * 1000;
/** Kept answers, all accounts together; the oldest go first. */
const MAX_REPLAYS = 5000;
/** Keys made at once: Headscale makes about 20 a second, one after the other. */
const MAX_CONCURRENT = 2;
/** Requests that may wait for their turn: 2 s worth of Headscale. More would time out anyway. */
const MAX_WAITING = 40;

interface Replay {
  answer: Promise<BrowserKey>;
  expiresAtMs: number;
}

/** Mints browser keys. Answers are kept in memory only, so no secret is ever at rest. */
export class BrowserKeys {
  readonly #keys: UnitKeys;
  readonly #clock: () => number;
  readonly #controlUrl: string;
  readonly #replays = new Map<string, Replay>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param controlUrl base URL of Headscale as browsers reach it */
  constructor(keys: UnitKeys, controlUrl: string, clock: () => number) {
    this.#keys = keys;
    this.#controlUrl = controlUrl;
    this.#clock = clock;
  }

  /**
   * A key for a browser to join the hub's unit.
   * @param idempotencyKey if set, a repetition within 2 minutes gets the same key
   * @throws ApiError hub-not-joined, headscale-unavailable, rate-limited
   */
  issue(hub: HubRow, asker: KeyAsker, idempotencyKey: string | undefined): Promise<BrowserKey> {
    if (idempotencyKey === undefined) return this.#mint(hub, asker);
    // The registered node is part of the key: after a rejoin of the hub the old answer would name a dead node.
    const id = JSON.stringify([asker.accountId, hub.id, hub.node_key, idempotencyKey]);
    this.#forgetOld();
    const kept = this.#replays.get(id);
    if (kept) return kept.answer;
    const answer = this.#mint(hub, asker);
    this.#replays.set(id, { answer, expiresAtMs: this.#clock() + REPLAY_MS });
    answer.catch(() => this.#replays.delete(id)); // A failure is not worth repeating.
    return answer;
  }

  async #mint(hub: HubRow, asker: KeyAsker): Promise<BrowserKey> {
    const { node_ip: ip, node_key: nodeKey, host_keys: hostKeys } = hub;
    if (ip === null || nodeKey === null || hostKeys === null) {
      throw new ApiError(
        'hub-not-joined',
        `${hub.name} has not joined the network. Run \`hubtab hub up\` on it, then try again.`,
      );
    }
    await this.#keys.assertReady();
    const key = await this.#inTurn(() => this.#keys.issue(hub, asker));
    return {
      authKey: key.authKey,
      controlUrl: this.#controlUrl,
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

  /** Runs few at a time, in order; refuses rather than letting a long queue time out. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_CONCURRENT) {
      if (this.#waiting.length >= MAX_WAITING) {
        throw new ApiError('rate-limited', 'Too many keys are being made. Try again in a moment.', {
          headers: { 'Retry-After': '2' },
        });
      }
      // Whoever finishes hands its place over, so #running stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  #forgetOld(): void {
    const nowMs = this.#clock();
    // A Map keeps the order of insertion, and all entries live equally long.
    for (const [id, replay] of this.#replays) {
      if (replay.expiresAtMs > nowMs && this.#replays.size < MAX_REPLAYS) return;
      this.#replays.delete(id);
    }
  }
}
