import type {
  BackgroundMessages,
  Fault,
  HostKeyMemory,
  UnitCredentials,
  UnitStatus,
} from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';
import type { Channel, OpenOptions, TailnetClient, Unit } from '../../wasm/node.d.ts';
import { FaultError, faultOf } from './faults.ts';
import type { PathWatch } from './path-watch.ts';
import { allowControl } from './control-servers.ts';

export type AskBackground = <K extends keyof BackgroundMessages>(
  kind: K,
  ask: BackgroundMessages[K]['ask'],
) => Promise<BackgroundMessages[K]['reply']>;

type Credentials = UnitCredentials & { hostKeys: HostKeyMemory };

/** A joined unit and what to know to use it. */
export interface Joined {
  unit: Unit;
  hub: UnitCredentials['hub'];
}

/** Units that nobody clicked are joined so many at a time: Headscale mints about 20 keys a second for everybody. */
const JOINS_AT_ONCE = 2;
/** Waits between tries for units that nobody clicked, ms; the last one repeats. */
const REJOIN_MS = [1000, 2000, 5000, 10_000, 30_000];

/**
 * The units of this browser. Whoever needs one asks for it: it is joined then, and stays. Credentials are pulled from the
 * background, so that a restarted worker resumes by asking again, with nothing remembered here.
 */
export class Units {
  readonly #client: Promise<TailnetClient>;
  readonly #ask: AskBackground;
  readonly #paths: PathWatch;
  readonly #joined = new Map<HubId, Promise<Joined>>();
  readonly #listeners = new Map<HubId, Set<(fault: Fault) => void>>();
  readonly #statuses = new Map<HubId, UnitStatus>();
  readonly #arrivals = new Map<HubId, Set<() => void>>();
  /** Hubs that the network says are there. */
  readonly #present = new Set<HubId>();
  #held: readonly HubId[] = [];

  constructor(client: Promise<TailnetClient>, ask: AskBackground, paths: PathWatch) {
    this.#client = client;
    this.#ask = ask;
    this.#paths = paths;
  }

  /**
   * The unit of a hub, joined now if it was not.
   * @throws FaultError, TailnetError
   */
  get(hubId: HubId): Promise<Joined> {
    return this.#joined.get(hubId) ?? this.#begin(hubId, this.#join(hubId));
  }

  /** Joins a unit anew as the same node, because what is known of its hub changed. Its channels end. */
  rejoin(hubId: HubId): void {
    const before = this.#joined.get(hubId)?.catch(() => undefined);
    const joining = Promise.resolve(before).then(async (joined) => {
      // Two clients with one identity would take each other's packets.
      await joined?.unit.stop();
      return this.#join(hubId);
    });
    void this.#begin(hubId, joining); // whoever uses the unit hears of its faults
  }

  /**
   * Opens a channel on a hub. When the unit no longer has the hub's node (it was registered anew), joins once more with
   * what the server says now.
   * @throws FaultError, TailnetError
   */
  async open(
    hubId: HubId,
    options: (hub: UnitCredentials['hub']) => OpenOptions,
    onJoined: () => void = () => {},
  ): Promise<{ channel: Channel; joined: Joined }> {
    let joined = await this.get(hubId);
    onJoined();
    try {
      return { channel: await joined.unit.open(options(joined.hub)), joined };
    } catch (error) {
      if (faultOf(error).code !== 'hub-not-found') throw error;
      await this.#renew(hubId);
      joined = await this.get(hubId);
      return { channel: await joined.unit.open(options(joined.hub)), joined };
    }
  }

  /** Joins these units, keeps them, and leaves all others. */
  async hold(hubIds: readonly HubId[]): Promise<null> {
    this.#held = hubIds;
    // The background may have read its list after these were told.
    for (const [hubId, status] of this.#statuses) this.#status(hubId, status);
    const gone = [...this.#joined.keys()].filter((hubId) => !hubIds.includes(hubId));
    await Promise.allSettled(gone.map((hubId) => this.#leave(hubId)));
    const queue = hubIds.filter((hubId) => !this.#joined.has(hubId));
    const joiner = async () => {
      for (let hubId = queue.shift(); hubId; hubId = queue.shift()) await this.#keep(hubId);
    };
    void Promise.all(Array.from({ length: JOINS_AT_ONCE }, joiner)); // ends by itself; never rejects
    return null;
  }

  async leaveAll(): Promise<null> {
    this.#held = [];
    await Promise.allSettled([...this.#joined.keys()].map((hubId) => this.#leave(hubId)));
    return null;
  }

  /**
   * Measures the way to a hub. When one that should be there does not answer, silent sockets are made anew: a network
   * that changed shows only then.
   * @throws TailnetError `hub-unreachable`
   */
  async ping(hubId: HubId): Promise<{ rttMs: number; via: string }> {
    const { unit } = await this.get(hubId);
    try {
      const path = await unit.ping();
      this.#paths.answered(hubId);
      return path;
    } catch (error) {
      if (unit.peers().some(({ isHub, online }) => isHub && online)) this.#paths.silent(hubId);
      throw error;
    }
  }

  /** Measures the way to a hub for the pages that show it. Never rejects. */
  async measure(hubId: HubId): Promise<void> {
    const path = await this.ping(hubId).catch(() => undefined);
    if (path && this.#statuses.get(hubId)?.kind === 'running')
      this.#status(hubId, { kind: 'running', path });
  }

  /** Calls back when the unit ends under whoever uses it. Returns the way to stop it. */
  onLost(hubId: HubId, lost: (fault: Fault) => void): () => void {
    const listeners = this.#listeners.get(hubId) ?? new Set();
    this.#listeners.set(hubId, listeners.add(lost));
    return () => listeners.delete(lost);
  }

  /** Whether the network says that the hub is there, so that trying to reach it makes sense. */
  isPresent(hubId: HubId): boolean {
    return this.#present.has(hubId);
  }

  #begin(hubId: HubId, joining: Promise<Joined>): Promise<Joined> {
    this.#joined.set(hubId, joining);
    joining.catch((error: unknown) => {
      this.#forget(hubId, joining);
      this.#status(hubId, { kind: 'failed', fault: faultOf(error) });
    });
    return joining;
  }

  /** Calls back whenever the network begins to say that the hub is there. Returns the way to stop it. */
  onArrival(hubId: HubId, arrived: () => void): () => void {
    const listeners = this.#arrivals.get(hubId) ?? new Set();
    this.#arrivals.set(hubId, listeners.add(arrived));
    return () => listeners.delete(arrived);
  }

  async #join(hubId: HubId): Promise<Joined> {
    this.#status(hubId, { kind: 'joining' });
    try {
      return await this.#joinWith(hubId, await this.#credentials(hubId, false));
    } catch (error) {
      const { code } = faultOf(error);
      if (code !== 'node-deleted' && code !== 'key-refused') throw error;
      // The node is gone, or somebody used the key: a fresh key makes a new node.
      return this.#joinWith(hubId, await this.#credentials(hubId, true));
    }
  }

  async #credentials(hubId: HubId, fresh: boolean): Promise<Credentials> {
    const answer = await this.#ask('unit-credentials', { hubId, fresh });
    if (!answer.ok) throw new FaultError(answer.error);
    return answer.value;
  }

  async #joinWith(hubId: HubId, credentials: Credentials): Promise<Joined> {
    const { controlUrl, hostname, hub, authKey, state, hostKeys } = credentials;
    allowControl(controlUrl);
    const client = await this.#client;
    const unit = await client.join({
      id: hubId,
      controlUrl,
      hostname,
      hub: {
        nodeKey: hub.nodeKey,
        hostKeys: hub.hostKeys,
        trustedHostKeys: hostKeys.trusted,
        ...(hostKeys.seen ? { seenHostKey: hostKeys.seen } : {}),
      },
      ...(authKey ? { authKey } : {}),
      ...(state ? { state: Uint8Array.fromBase64(state) } : {}),
    });
    this.#follow(hubId, unit);
    return { unit, hub };
  }

  #follow(hubId: HubId, unit: Unit): void {
    let told: boolean | undefined;
    let wasThere = false;
    unit.onPeers((peers) => {
      const hub = peers.find(({ isHub }) => isHub);
      if (wasThere && !hub) {
        this.#lose(hubId, { code: 'hub-not-found', detail: 'the hub left the network' });
        return;
      }
      wasThere ||= hub !== undefined;
      const online = hub?.online ?? false;
      if (online === told) return;
      told = online;
      const lastSeen = hub?.lastSeenMs === undefined ? {} : { lastSeenMs: hub.lastSeenMs };
      void this.#ask('hub-online', { hubId, online, ...lastSeen });
      if (!online) this.#present.delete(hubId);
      else {
        this.#present.add(hubId);
        for (const arrived of this.#arrivals.get(hubId) ?? []) arrived();
      }
    });
    unit.onHostKey((hostKey) => {
      void this.#ask('host-key-seen', { hubId, hostKey });
    });
    unit.onStateBytes((bytes) => {
      void this.#ask('unit-bytes', { hubId, state: bytes.toBase64() });
    });
    unit.onState((state) => {
      if (state.kind !== 'failed') {
        this.#status(hubId, state);
        return;
      }
      this.#lose(hubId, { code: state.code, detail: state.message });
    });
  }

  /** Ends a unit that cannot go on under everybody who uses it, and joins anew: the server says what is left of it. */
  #lose(hubId: HubId, fault: Fault): void {
    this.#status(hubId, { kind: 'failed', fault });
    void this.#renew(hubId).then(() => {
      for (const lost of this.#listeners.get(hubId) ?? []) lost(fault);
      if (this.#held.includes(hubId)) void this.#keep(hubId);
    });
  }

  /** Gives a unit up that cannot go on; the next `get` finds its stored node deleted and takes a fresh key. */
  #renew(hubId: HubId): Promise<void> {
    return this.#giveUp(hubId, (unit) => unit.stop());
  }

  async #leave(hubId: HubId): Promise<void> {
    await this.#giveUp(hubId, (unit) => unit.leave());
    this.#status(hubId, { kind: 'off' });
  }

  /** Ends a unit and forgets its identity, here and where it is mirrored. */
  async #giveUp(hubId: HubId, end: (unit: Unit) => Promise<void>): Promise<void> {
    const joined = this.#joined.get(hubId);
    this.#forget(hubId, joined);
    const { unit } = (await joined?.catch(() => undefined)) ?? {};
    if (unit) await end(unit);
    await this.#ask('unit-bytes', { hubId, state: '' });
  }

  /** Tries to join for as long as the unit is held, in growing intervals. Never rejects. */
  async #keep(hubId: HubId, tries = 0): Promise<void> {
    if (!this.#held.includes(hubId)) return;
    try {
      await this.get(hubId);
    } catch {
      const waitMs = REJOIN_MS[Math.min(tries, REJOIN_MS.length - 1)];
      setTimeout(() => void this.#keep(hubId, tries + 1), waitMs);
    }
  }

  #forget(hubId: HubId, joining: Promise<Joined> | undefined): void {
    if (this.#joined.get(hubId) !== joining) return;
    this.#joined.delete(hubId);
    this.#present.delete(hubId);
  }

  #status(hubId: HubId, status: UnitStatus): void {
    if (status.kind === 'off') this.#statuses.delete(hubId);
    else this.#statuses.set(hubId, status);
    void this.#ask('unit-status', { hubId, status });
  }
}
