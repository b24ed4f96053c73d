import type { HubView } from '../protocol/contexts.ts';
import { faultWords } from './faults.ts';
import { IconButton } from './icon-button.tsx';
import { hubFault, hubStatus } from './session-groups.ts';
import { StateIcon } from './state-icon.tsx';

interface HubRowProps {
  view: HubView;
  nowMs: number;
  /** A person chose to trust its host key. */
  isTrusted: boolean;
  onRemove: () => void;
  onCompareKey: () => void;
  onForgetKey: () => void;
}

/** One hub in the options: how it is, who terminals run as, and the way to remove it. */
export function HubRow(props: HubRowProps) {
  const { view, nowMs, isTrusted, onRemove, onCompareKey, onForgetKey } = props;
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
        <span class="muted cut">Shell as {hub.sshUser}</span>
      )}
      <span class="row">
        {fault?.hostKey ? (
          <button type="button" class="button small" onClick={onCompareKey}>
            Compare
          </button>
        ) : (
          <span class="muted num status">{hubStatus(view, nowMs)}</span>
        )}
        {isTrusted && !fault?.hostKey && (
          <button
            type="button"
            class="button small"
            title="Forget the host key that you chose to trust"
            onClick={onForgetKey}
          >
            Forget key
          </button>
        )}
      </span>
      <IconButton icon="trash" label={`Remove ${hub.name}`} onClick={onRemove} />
    </li>
  );
}

function HubShape({ view }: { view: HubView }) {
  if (!view.hub.online) return <StateIcon state="offline" />;
  if (hubFault(view)) return <StateIcon state="failed" label="Not connected" />;
  const isConnected = view.unit.kind === 'running';
  return (
    <span
      class={isConnected ? 'dot' : 'dot none'}
      role="img"
      aria-label={isConnected ? 'Connected' : 'Not connected yet'}
    />
  );
}
