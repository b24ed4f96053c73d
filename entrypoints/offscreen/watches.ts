import type { HubId } from '../../protocol/ids.ts';
import type { Session } from '../../protocol/sessions.ts';
import { HubWatch } from './hub-watch.ts';
import { readSessions } from './session-list.ts';
import type { AskBackground, Units } from './units.ts';

/** One watch for each hub that is to be watched. */
export class Watches {
  readonly #units: Units;
  readonly #ask: AskBackground;
  readonly #running = new Map<HubId, HubWatch>();

  constructor(units: Units, ask: AskBackground) {
    this.#units = units;
    this.#ask = ask;
  }

  /** Watches these hubs from now on, and no others. */
  set(hubIds: readonly HubId[]): void {
    for (const [hubId, watch] of this.#running) {
      if (hubIds.includes(hubId)) watch.tellAgain();
      else {
        this.#running.delete(hubId);
        watch.stop();
      }
    }
    for (const hubId of hubIds.filter((one) => !this.#running.has(one))) {
      const watch = new HubWatch(this.#units, hubId, {
        onSessions: (result) => void this.#ask('sessions', { hubId, result }),
        onEnded: () =>
          void readSessions({ units: this.#units, askBackground: this.#ask, watches: this }, hubId),
        onWatched: (isWatched) => void this.#ask('hub-watched', { hubId, isWatched }),
      });
      this.#running.set(hubId, watch);
    }
  }

  /** The sessions of a hub by its watch; undefined while none runs. */
  list(hubId: HubId): Promise<Session[]> | undefined {
    return this.#running.get(hubId)?.list();
  }
}
