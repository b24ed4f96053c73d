import type { HubSession } from '../../protocol/hubs.ts';

/**
 * Names and states of sessions as hubs last told them. In memory only: what agents are called is nobody's business
 * after the fact, and hubs tell it anew within seconds.
 */
export class HubSessions {
  readonly #sessions = new Map<string, HubSession[]>();

  /** @param sessions if unset, the hub does not say */
  keep(hubId: string, sessions: HubSession[] | undefined): void {
    if (sessions) this.#sessions.set(hubId, sessions);
    else this.forget(hubId);
  }

  forget(hubId: string): void {
    this.#sessions.delete(hubId);
  }

  /** To be spread into what is told of the hub; empty if it has not said. */
  of(hubId: string): { sessions?: HubSession[] } {
    const sessions = this.#sessions.get(hubId);
    return sessions ? { sessions } : {};
  }
}
