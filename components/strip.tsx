import type { ComponentChildren } from 'preact';
import { i18n } from '#i18n';
import { Icon, type IconName } from './icon.tsx';
import { IconButton } from './icon-button.tsx';

interface StripProps {
  icon: IconName;
  tone?: 'plain' | 'waiting' | 'failed';
  /** For tests and styles: the fault's code, if it states one. */
  fault?: string;
  children: ComponentChildren;
  /** The one thing to do about it. */
  action?: { label: string; onClick: () => void } | undefined;
  /** If unset, it stays as long as the fact. */
  onClose?: () => void;
}

/** States one fact that does not block. */
export function Strip({ icon, tone = 'plain', fault, children, action, onClose }: StripProps) {
  return (
    <div class={`strip ${tone}`} role={tone === 'failed' ? 'alert' : 'status'} data-fault={fault}>
      <Icon name={icon} />
      <span class="grow">{children}</span>
      {action && (
        <button type="button" class="button small" onClick={action.onClick}>
          {action.label}
        </button>
      )}
      {onClose && <IconButton icon="x" label={i18n.t('button.close')} onClick={onClose} />}
    </div>
  );
}
