import { i18n } from '#i18n';
import type { FaultAction } from '../../components/fault-table.ts';
import { ACTION_LABELS, faultWords } from '../../components/faults.ts';
import { serverName } from '../../components/popup-view.ts';
import { Strip } from '../../components/strip.tsx';
import type { ExtensionState, Fault } from '../../protocol/contexts.ts';

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
  if (shown === undefined) return null;
  const { account } = state;
  const server = account.kind === 'not-configured' ? undefined : serverName(account.serverUrl);
  const words = faultWords(shown.code, { server }, 'list');
  const label = words.action === 'retry' ? i18n.t('action.retryNow') : ACTION_LABELS[words.action];
  const action = label === '' ? undefined : { label, onClick: () => onAction(words.action) };
  return (
    <Strip icon="triangle-alert" tone="waiting" fault={shown.code} action={action}>
      {words.sentence}
    </Strip>
  );
}
