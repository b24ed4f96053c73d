import { i18n } from '#i18n';
import type { FaultAction } from '../../components/fault-table.ts';
import { ACTION_LABELS, faultWords } from '../../components/faults.ts';
import { HelpLink } from '../../components/help-link.tsx';
import { serverName } from '../../components/popup-view.ts';
import { plainText } from '../../components/plain-text.ts';
import { Strip } from '../../components/strip.tsx';
import type { ExtensionState, Fault } from '../../protocol/contexts.ts';
import { openOptions } from './pages.ts';

interface PopupStripsProps {
  state: ExtensionState;
  isOnline: boolean;
  listTime: string | undefined;
  /** What the last thing asked for failed with. */
  fault: Fault | undefined;
  onAction: (action: FaultAction) => void;
}

/** At most one fact above the list: the one that explains the others. */
export function PopupStrips({ state, isOnline, listTime, fault, onAction }: PopupStripsProps) {
  if (!isOnline) {
    return (
      <Strip icon="unplug" fault="browser-offline">
        {i18n.t('popup.browserOffline')}
        {listTime && <span class="muted num"> {i18n.t('popup.listAsOf', { time: listTime })}</span>}
      </Strip>
    );
  }
  const shown = state.serverFault ?? fault;
  if (shown === undefined) return <News state={state} />;
  const { account } = state;
  const server = account.kind === 'not-configured' ? undefined : serverName(account.serverUrl);
  const words = faultWords(shown.code, { server }, 'list');
  const label = words.action === 'retry' ? i18n.t('action.retryNow') : ACTION_LABELS[words.action];
  const action = label === '' ? undefined : { label, onClick: () => onAction(words.action) };
  return (
    <Strip icon="triangle-alert" tone="waiting" fault={shown.code} action={action}>
      {words.sentence} <HelpLink code={shown.code} />
    </Strip>
  );
}

/** What waits for the person's word: a hub that behaved oddly, or one that somebody offers. */
function News({ state }: { state: ExtensionState }) {
  const odd = state.hubs.find(({ hub }) => hub.notices.length > 0)?.hub;
  const [offer] = state.offers ?? [];
  if (!odd && !offer) return null;
  const action = { label: i18n.t('popup.look'), onClick: () => openOptions('hubs') };
  return (
    <Strip
      icon={odd ? 'triangle-alert' : 'link'}
      tone={odd ? 'waiting' : 'plain'}
      fault={odd ? 'hub-notice' : 'offer'}
      action={action}
    >
      {odd
        ? i18n.t('popup.notice', { hub: odd.name })
        : i18n.t('popup.offer', { who: plainText(offer?.from ?? '', 100) })}
    </Strip>
  );
}
