import { i18n } from '#i18n';
import type { Hub } from '../protocol/hubs.ts';
import { plainText } from './plain-text.ts';

/** Who else has a hub. */
export interface HubSharing {
  text: string;
  /** Everybody, one a line. */
  all: string;
}

/** Says whose a hub is for a guest, and for its owner who may open terminals there too; undefined for nobody else. */
export function hubSharing(hub: Hub): HubSharing | undefined {
  if (hub.role === 'guest') {
    const text = i18n.t('hub.sharedBy', { who: plainText(hub.owner, 80) });
    return { text, all: text };
  }
  if (hub.shares.length === 0) return undefined;
  const accepted = hub.shares.filter(({ state }) => state === 'accepted');
  const lines = hub.shares.map(({ email, state }) =>
    i18n.t(state === 'accepted' ? 'hub.sharedWith' : 'hub.offeredTo', {
      who: plainText(email, 80),
    }),
  );
  const [first = ''] = lines;
  const several =
    accepted.length > 1
      ? i18n.t('hub.sharedWithMany', accepted.length)
      : i18n.t('hub.sharedOrOffered');
  return { text: lines.length === 1 ? first : several, all: lines.join('\n') };
}
