import type { HubView } from '../protocol/contexts.ts';
import { faultWords } from './faults.ts';
import { IconButton } from './icon-button.tsx';
import { hubStatus } from './session-groups.ts';
import { StateIcon } from './state-icon.tsx';

interface HubRowProps {
  view: HubView;
  nowMs: number;
  onRemove: () => void;
}

/** One hub in the options: how it is, who terminals run as, and the way to remove it. */
export function HubRow({ view, nowMs, onRemove }: HubRowProps) {
  const { hub, unit } = view;
  const fault = hub.online && unit.kind === 'failed' ? unit.fault : undefined;
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
      <span class="muted num status">{hubStatus(view, nowMs)}</span>
      <IconButton icon="trash" label={`Remove ${hub.name}`} onClick={onRemove} />
    </li>
  );
}

function HubShape({ view }: { view: HubView }) {
  if (!view.hub.online) return <StateIcon state="offline" />;
  if (view.unit.kind === 'failed') return <StateIcon state="failed" label="Not connected" />;
  const isConnected = view.unit.kind === 'running';
  return (
    <span
      class={isConnected ? 'dot' : 'dot none'}
      role="img"
      aria-label={isConnected ? 'Connected' : 'Not connected yet'}
    />
  );
}
