import { tellPathRenewed } from '../../lib/path-news.ts';
import type { HubId } from '../../protocol/ids.ts';
import type { SocketRole } from './live-socket.ts';
import { abortSockets, liveSockets } from './sockets.ts';
import type { TailnetClient } from '../../wasm/node.d.ts';

type Reason = Parameters<TailnetClient['kick']>[0];

/** How often the clock and the sockets are looked at: a second is a third of what a wake-up may take. */
const TICK_MS = 1000;
/** A gap between two ticks that only sleep explains; timers of an offscreen document are late by 24 ms at worst. */
const WAKE_GAP_MS = 20_000;
/** Relays send a keep-alive every 60 s (tailscale derp.KeepAlive), Headscale one every 50 to 59 s. */
const SILENT_MS: Record<SocketRole, number> = { relay: 75_000, control: 75_000 };
/** A hub that does not answer while sockets that carry something live: only what was silent for so long is made anew. */
const SUSPECT_MS = 4000;
/** Pauses between two reconnects after failed probes: doubled each time, because a hub that is down stays silent. */
const PROBE_PAUSE_MS = { first: 10_000, longest: 320_000 };

/**
 * Notices that the network changed where no socket says so, and makes sockets anew: Go itself would wait two to three
 * minutes, because in a browser it sees no network interfaces (tailscale net/netmon).
 */
export class PathWatch {
  readonly #kick: (reason: Reason) => void;
  #tickedAtMs = Date.now();
  readonly #probes = new Map<HubId, { failedAtMs: number; pauseMs: number }>();

  constructor(kick: (reason: Reason) => void) {
    this.#kick = kick;
  }

  /** Watches for as long as the worker lives. */
  start(): void {
    globalThis.addEventListener('online', () => this.#begin('online'));
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** A hub answered. */
  answered(hubId: HubId): void {
    this.#probes.delete(hubId);
  }

  /** A hub that the network says is there did not answer. */
  silent(hubId: HubId): void {
    const before = this.#probes.get(hubId);
    const nowMs = Date.now();
    if (before && nowMs - before.failedAtMs < before.pauseMs) return;
    const pauseMs = before
      ? Math.min(before.pauseMs * 2, PROBE_PAUSE_MS.longest)
      : PROBE_PAUSE_MS.first;
    this.#probes.set(hubId, { failedAtMs: nowMs, pauseMs });
    this.#renew('probe-failed', SUSPECT_MS);
  }

  #tick(): void {
    const nowMs = Date.now();
    const gapMs = nowMs - this.#tickedAtMs;
    this.#tickedAtMs = nowMs;
    if (gapMs > WAKE_GAP_MS) {
      this.#begin('wake');
      return;
    }
    const isStale = liveSockets().some(
      ({ role, heardAtMs }) => nowMs - heardAtMs > SILENT_MS[role],
    );
    if (!isStale) return;
    for (const role of ['relay', 'control'] as const) abortSockets(SILENT_MS[role], role);
    this.#kick('silence');
  }

  /** Whatever was is over: who waits before another try need not. */
  #begin(reason: Reason): void {
    this.#renew(reason, 0);
    tellPathRenewed();
  }

  #renew(reason: Reason, silentMs: number): void {
    abortSockets(silentMs);
    this.#kick(reason);
  }
}
