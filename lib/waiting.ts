import type { HubView } from '../protocol/contexts.ts';
import type { Session } from '../protocol/sessions.ts';

/** A session that waits for a person, now. */
export interface WaitingSession {
  /** The same as long as the session lives: its terminal's address, without the page. */
  key: string;
  view: HubView;
  session: Session;
}

/** True when what is known of a hub's sessions may have changed since. */
export function isLastKnown(view: HubView): boolean {
  return (
    view.isRecalled === true ||
    !view.hub.online ||
    view.unit.kind === 'failed' ||
    view.sessionsFault !== undefined
  );
}

/** Who waits, over all hubs that answer: whoever waits longest comes first. */
export function waitingSessions(hubs: readonly HubView[]): WaitingSession[] {
  return hubs
    .filter((view) => !isLastKnown(view))
    .flatMap((view) =>
      view.sessions.map((session) => ({ key: keyOf(view, session), view, session })),
    )
    .filter(({ session }) => session.state === 'waiting')
    .sort((a, b) => waitingSinceMs(a.session) - waitingSinceMs(b.session));
}

/** Since when a session waits, as well as it is known. */
export function waitingSinceMs({ stateSinceMs, activityAtMs }: Session): number {
  return stateSinceMs ?? activityAtMs;
}

function keyOf({ hub }: HubView, { name }: Session): string {
  return `${hub.id}/${encodeURIComponent(name)}`;
}
