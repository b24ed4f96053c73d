import type { ComponentChildren } from 'preact';
import { i18n } from '#i18n';
import type { HubView } from '../protocol/contexts.ts';
import { faultWords } from './faults.ts';
import { IconButton } from './icon-button.tsx';
import { hubFault, hubStatus } from './session-groups.ts';
import { Switch } from './setting-row.tsx';
import { StateIcon } from './state-icon.tsx';

export type HubPanel = 'browsers' | 'sharing';

interface HubRowProps {
  view: HubView;
  nowMs: number;
  /** A person chose to trust its host key. */
  isTrusted: boolean;
  onCompareKey: () => void;
  onForgetKey: () => void;
  isWatching: boolean;
  onWatch: (isWatching: boolean) => void;
  /** What stands open below the row. */
  panel: HubPanel | undefined;
  onPanel: (panel: HubPanel) => void;
  onRemove: () => void;
  /** Notices, and the panel. */
  children: ComponentChildren;
}

/** One hub in the options: how it is, who terminals run as, and the way to remove it. */
export function HubRow(props: HubRowProps) {
  const { view, nowMs, isTrusted, onRemove, onCompareKey, onForgetKey } = props;
  const { isWatching, onWatch, panel, onPanel, children } = props;
  const isOwner = view.hub.role === 'owner';
  const { hub, unit } = view;
  const fault = hubFault(view);
  const words = fault && faultWords(fault.code, { hub: hub.name, user: hub.sshUser }, 'list');
  return (
    <li
      class="hub"
      data-hub-id={hub.id}
      data-state={hub.online ? unit.kind : 'offline'}
      data-fault={fault?.code}
    >
      <HubShape view={view} />
      <span class="medium cut" title={hub.name}>
        {hub.name}
      </span>
      {words ? (
        <span class="wrong cut" title={words.sentence}>
          {words.title}
        </span>
      ) : (
        <span class="muted cut" title={isOwner ? undefined : hub.owner}>
          {isOwner
            ? i18n.t('hub.shellAs', { user: hub.sshUser })
            : i18n.t('options.sharing.of', { owner: hub.owner })}
        </span>
      )}
      <span class="row">
        {fault?.hostKey ? (
          <button type="button" class="button small" onClick={onCompareKey}>
            {i18n.t('hostKey.compare')}
          </button>
        ) : (
          <span class="muted num status">{hubStatus(view, nowMs)}</span>
        )}
        {isTrusted && !fault?.hostKey && (
          <button
            type="button"
            class="button small"
            title={i18n.t('hostKey.forgetHint')}
            onClick={onForgetKey}
          >
            {i18n.t('hostKey.forgetShort')}
          </button>
        )}
      </span>
      <span class="row controls">
        {isOwner && (
          <button
            type="button"
            class="button small plain"
            aria-expanded={panel === 'sharing'}
            onClick={() => onPanel('sharing')}
          >
            {i18n.t('options.sharing.button')}
            <span class="visually-hidden"> {hub.name}</span>
          </button>
        )}
        <button
          type="button"
          class="button small plain"
          aria-expanded={panel === 'browsers'}
          onClick={() => onPanel('browsers')}
        >
          {i18n.t('options.hubs.browsersButton')}
          <span class="visually-hidden"> {hub.name}</span>
        </button>
        <span title={i18n.t('options.hubs.watchHint')} class="row watching">
          <span aria-hidden="true">{i18n.t('options.hubs.watchShort')}</span>
          <Switch
            label={i18n.t('options.hubs.watch', { hub: hub.name })}
            isOn={isWatching}
            onChange={onWatch}
          />
        </span>
        <IconButton
          icon="trash"
          label={i18n.t(isOwner ? 'options.hubs.remove' : 'options.sharing.leave', {
            name: hub.name,
          })}
          onClick={onRemove}
        />
      </span>
      {children}
    </li>
  );
}

function HubShape({ view }: { view: HubView }) {
  if (!view.hub.online) return <StateIcon state="offline" />;
  if (hubFault(view)) return <StateIcon state="failed" label={i18n.t('hub.notConnected')} />;
  const isConnected = view.unit.kind === 'running';
  return (
    <span
      class={isConnected ? 'dot' : 'dot none'}
      role="img"
      aria-label={isConnected ? i18n.t('hub.connected') : i18n.t('hub.notYet')}
    />
  );
}
