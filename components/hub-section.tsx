import type { ComponentChildren } from 'preact';
import { i18n } from '#i18n';
import type { FaultAction } from './fault-table.ts';
import { ACTION_LABELS, faultWords } from './faults.ts';
import { HelpLink } from './help-link.tsx';
import { hubSharing } from './hub-sharing.ts';
import type { HubGroup } from './session-groups.ts';

interface HubSectionProps {
  group: HubGroup;
  onFaultAction: (action: FaultAction) => void;
  /** Makes a session with a shell, where there is none, and opens it. */
  onOpenShell: () => void;
  /** The rows, if there are any. */
  children?: ComponentChildren;
}

/** One hub of the popup: its name, how it is reached, and what is wrong if something is. */
export function HubSection({ group, onFaultAction, onOpenShell, children }: HubSectionProps) {
  const { hub } = group.view;
  const headingId = `hub-${hub.id}`;
  const sharing = hubSharing(hub);
  return (
    <section
      data-hub-id={hub.id}
      data-state={hub.online ? group.view.unit.kind : 'offline'}
      aria-labelledby={headingId}
    >
      <div class="group">
        <h2 class={group.isOld ? 'cut muted' : 'cut'} id={headingId} title={hub.name}>
          {hub.name}
        </h2>
        {sharing && (
          <span class="cut muted shared" title={sharing.all}>
            {sharing.text}
          </span>
        )}
        <span class="right num" title={hub.online ? undefined : i18n.t('popup.offlineNote')}>
          {group.status}
        </span>
      </div>
      {children}
      {group.fault && <HubFault fault={group.fault} group={group} onFaultAction={onFaultAction} />}
      {group.note === 'reading' && (
        <p class="note">
          <span class="spinner" aria-hidden="true" />
          {i18n.t('popup.reading')}
        </p>
      )}
      {group.note === 'no-sessions' && (
        <p class="note" data-state="no-sessions">
          <span class="grow">{i18n.t('popup.noSessions')}</span>
          <button type="button" class="button small" onClick={onOpenShell}>
            {i18n.t('popup.openShell')}
          </button>
        </p>
      )}
    </section>
  );
}

interface HubFaultProps {
  fault: NonNullable<HubGroup['fault']>;
  group: HubGroup;
  onFaultAction: (action: FaultAction) => void;
}

function HubFault({ fault, group, onFaultAction }: HubFaultProps) {
  const { hub } = group.view;
  const words = faultWords(fault.code, { hub: hub.name, user: hub.sshUser }, 'list');
  const action = fault.hostKey ? 'check-key' : listAction(words.action);
  return (
    <div class="note" data-fault={fault.code} role="status">
      <span class="grow">
        <b>{words.title}.</b> {words.sentence} <HelpLink code={fault.code} />
      </span>
      {action !== 'none' && (
        <button type="button" class="button small" onClick={() => onFaultAction(action)}>
          {action === 'check-key' ? i18n.t('hostKey.check') : ACTION_LABELS[action]}
        </button>
      )}
    </div>
  );
}

/** In a list there is no tab to close and no other session to go to: reading again is what is left. */
function listAction(action: FaultAction): FaultAction {
  return action === 'close-tab' || action === 'other-sessions' ? 'retry' : action;
}
