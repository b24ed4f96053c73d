import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

interface StripProps {
  icon: IconName;
  tone?: 'plain' | 'waiting' | 'failed';
  /** For tests and styles: the fault's code, if it states one. */
  fault?: string;
  children: ComponentChildren;
  /** The one thing to do about it. */
  action?: { label: string; onClick: () => void } | undefined;
}

/** States one fact that does not block. */
export function Strip({ icon, tone = 'plain', fault, children, action }: StripProps) {
  return (
    <div class={`strip ${tone}`} role={tone === 'failed' ? 'alert' : 'status'} data-fault={fault}>
      <Icon name={icon} />
      <span class="grow">{children}</span>
      {action && (
        <button type="button" class="button small" onClick={action.onClick}>
          {action.label}
        </button>
      )}
    </div>
  );
}
