import type { ComponentChildren } from 'preact';
import { i18n } from '#i18n';

interface ChipProps {
  /** For tests: what it is about. */
  kind: string;
  isError?: boolean;
  children: ComponentChildren;
  actions?: { label: string; onClick: () => void }[];
  /** Between 0 and 1; unset for none. */
  progress?: number;
}

/** A small notice over a corner of the screen that never takes the focus. */
export function Chip({ kind, isError = false, children, actions = [], progress }: ChipProps) {
  return (
    <div
      class={isError ? 'chip failed' : 'chip'}
      role={isError ? 'alert' : 'status'}
      data-chip={kind}
    >
      <span class="grow">{children}</span>
      {actions.map(({ label, onClick }) => (
        <button
          type="button"
          class="button small"
          key={label}
          onMouseDown={(event) => event.preventDefault()}
          onClick={onClick}
        >
          {label}
        </button>
      ))}
      {progress !== undefined && (
        <progress value={progress} aria-label={i18n.t('terminal.progress')} />
      )}
    </div>
  );
}
