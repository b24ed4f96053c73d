import { CONTROL_LIST, parseSessions, SUBSCRIBE, watchCommand } from '../../lib/tmux.ts';
import { ControlReader, type ControlEvent } from '../../lib/tmux-control.ts';
import type { Result } from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';
import type { Session } from '../../protocol/sessions.ts';
import type { Channel } from '../../wasm/node.d.ts';
import type { Units } from './units.ts';

interface WatchEvents {
  onSessions: (result: Result<Session[]>) => void;
  onWatched: (isWatched: boolean) => void;
  /** A try to watch ended. What is on the hub has to be asked: its tmux may have gone. */
  onEnded: () => void;
}

/**
 * Waits between two tries, ms; the last one repeats, and is how often a hub without tmux is asked. A hub that comes back is
 * tried at once.
 */
const RETRY_MS = [1000, 2000, 5000, 15_000, 60_000];
/** A watch that lived so long was well: its end is the first one again. */
const WELL_MS = 30_000;

/** How much tmux may say before it was taken; it says some lines a second. */
const WINDOW_BYTES = 256 * 1024;

/** Between two lists, ms: programs may change states as fast as they like, and turn a spinner in the title all day. */
const PAUSE_MS = { urgent: 500, other: 5000 };
/** Notices of what a person must know at once, besides the subscription to states. */
const URGENT: ReadonlySet<string> = new Set(['sessions-changed', 'session-renamed']);

/**
 * Watches the sessions of one hub by one control-mode client of its tmux, on an SSH channel that stays: nothing is asked
 * again and again, and a click always meets a warm connection. What tmux announces is a hint only; what is so is read by
 * a list whose fields cannot be forged.
 */
export class HubWatch {
  readonly #units: Units;
  readonly #hubId: HubId;
  readonly #events: WatchEvents;
  readonly #stopped = new AbortController();
  #client: ControlClient | undefined;
  #tries = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isTrying = false;

  constructor(units: Units, hubId: HubId, events: WatchEvents) {
    this.#units = units;
    this.#hubId = hubId;
    this.#events = events;
    const { signal } = this.#stopped;
    signal.addEventListener(
      'abort',
      units.onArrival(hubId, () => this.#try()),
    );
    this.#try();
  }

  stop(): void {
    this.#stopped.abort();
    clearTimeout(this.#retry);
    this.#client?.close();
  }

  /** Tells how it is: the background may have forgotten. */
  tellAgain(): void {
    this.#events.onWatched(this.#client?.isAttached ?? false);
  }

  /** Reads the sessions now; undefined while nothing is watched. */
  list(): Promise<Session[]> | undefined {
    return this.#client?.isAttached ? this.#client.list() : undefined;
  }

  #try(): void {
    // Joining is paced by whoever holds the unit, and a hub that is not there says so when it comes.
    if (this.#isTrying || this.#stopped.signal.aborted || !this.#units.isPresent(this.#hubId))
      return;
    this.#isTrying = true;
    clearTimeout(this.#retry);
    void this.#watch().finally(() => {
      this.#isTrying = false;
      if (this.#stopped.signal.aborted) return;
      this.#events.onEnded();
      const waitMs = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)];
      this.#tries += 1;
      this.#retry = setTimeout(() => this.#try(), waitMs);
    });
  }

  /** Watches until the client ends, whatever the reason. Never rejects. */
  async #watch(): Promise<void> {
    const startedAtMs = Date.now();
    try {
      const { channel } = await this.#units.open(this.#hubId, (hub) => ({
        user: hub.sshUser,
        command: watchCommand(hub.tmux),
      }));
      if (this.#stopped.signal.aborted) {
        channel.close();
        return;
      }
      const client = new ControlClient(channel, {
        onAttached: () => this.#events.onWatched(true),
        onSessions: (sessions) => this.#events.onSessions({ ok: true, value: sessions }),
      });
      this.#client = client;
      client.start();
      await channel.closed;
      client.close();
    } catch {
      // The unit's state says why the hub cannot be reached, and a list read by command why tmux cannot.
    }
    if (this.#client?.isAttached) this.#events.onWatched(false);
    this.#client = undefined;
    if (Date.now() - startedAtMs > WELL_MS) this.#tries = 0;
  }
}

interface ClientEvents {
  onAttached: () => void;
  onSessions: (sessions: Session[]) => void;
}

/** One control-mode client, from its channel's start to its end. */
class ControlClient {
  readonly #channel: Channel;
  readonly #events: ClientEvents;
  readonly #reader = new ControlReader();
  /** Commands that wait for their answers; tmux answers in order. */
  readonly #asked: ((body: Uint8Array | undefined) => void)[] = [];
  #isAttached = false;
  #listing: Promise<Session[]> | undefined;
  #again: { timer: ReturnType<typeof setTimeout>; atMs: number } | undefined;
  #listedAtMs = 0;

  constructor(channel: Channel, events: ClientEvents) {
    this.#channel = channel;
    this.#events = events;
  }

  /** Whether tmux has taken it in, so that it is told of changes. */
  get isAttached(): boolean {
    return this.#isAttached;
  }

  /** Begins to listen. What came meanwhile may be told before this returns. */
  start(): void {
    const channel = this.#channel;
    channel.onData((bytes) => {
      channel.grant(bytes.length);
      for (const event of this.#reader.push(bytes)) this.#take(event);
    });
    channel.onStderr((bytes) => channel.grant(bytes.length));
    channel.grant(WINDOW_BYTES);
  }

  close(): void {
    clearTimeout(this.#again?.timer);
    for (const answer of this.#asked.splice(0)) answer(undefined);
    this.#channel.close();
  }

  /** @throws Error when the client ends before it answered, RangeError when the answer is no list */
  list(): Promise<Session[]> {
    this.#listing ??= this.#ask(CONTROL_LIST)
      .then((body) => {
        this.#listedAtMs = Date.now();
        return parseSessions(body);
      })
      .finally(() => (this.#listing = undefined));
    return this.#listing;
  }

  #take(event: ControlEvent): void {
    switch (event.kind) {
      case 'reply':
        if (event.isOurs) this.#asked.shift()?.(event.isOk ? event.body : undefined);
        return;
      case 'broken':
        this.close();
        return;
      case 'notice':
        // Commands sent before this one are refused: there is no client yet.
        if (event.name === 'session-changed') this.#attached();
        else if (event.name !== 'exit') this.#look(isUrgent(event) ? 'urgent' : 'other');
    }
  }

  #attached(): void {
    if (this.#isAttached) return;
    this.#isAttached = true;
    for (const line of SUBSCRIBE) void this.#ask(line).catch(() => undefined);
    this.#events.onAttached();
    this.#look('urgent');
  }

  /** Something changed: reads the list soon, once for all that changes until then. */
  #look(how: keyof typeof PAUSE_MS): void {
    if (!this.#isAttached) return;
    const nowMs = Date.now();
    const atMs = Math.max(nowMs, this.#listedAtMs + PAUSE_MS[how]);
    if (this.#again && this.#again.atMs <= atMs) return;
    clearTimeout(this.#again?.timer);
    const timer = setTimeout(() => {
      this.#again = undefined; // what changes from here on asks for a further list
      // A list under way may have been made before the change.
      const before = this.#listing ?? Promise.resolve();
      const list = () => this.list();
      before.then(list, list).then(this.#events.onSessions, () => undefined);
    }, atMs - nowMs);
    this.#again = { timer, atMs };
  }

  #ask(line: string): Promise<Uint8Array> {
    const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
    this.#asked.push(resolve);
    this.#channel.write(new TextEncoder().encode(line)).catch(() => undefined); // its end says why
    return promise.then((body) => {
      if (body === undefined) throw new Error('tmux did not answer');
      return body;
    });
  }
}

function isUrgent({ name, subscription }: Extract<ControlEvent, { kind: 'notice' }>): boolean {
  return URGENT.has(name) || subscription === 'state';
}
