import type { ComponentChildren } from 'preact';
import { i18n } from '#i18n';
import { Icon } from './icon.tsx';
import type { ConnectionSummary } from './popup-view.ts';

interface PopupFooterProps {
  summary: ConnectionSummary;
  /** Set while the list is filtered: "3 of 11 sessions". */
  matches: string | undefined;
  hasRows: boolean;
  /** Shows what else can be done with the active row. */
  onActions: () => void;
}

const DOTS: Record<ConnectionSummary['dot'], string> = {
  connected: 'dot',
  none: 'dot none',
  busy: 'spinner',
};

/** How the connection is, and the keys that work now. */
export function PopupFooter({ summary, matches, hasRows, onActions }: PopupFooterProps) {
  if (matches !== undefined) {
    return (
      <footer class="foot">
        <span class="grow num" role="status">
          {matches}
        </span>
        {hasRows && <Keys keys={[<EnterKey key="enter" />]} does={i18n.t('popup.open')} />}
        <Keys keys={['Esc']} does={i18n.t('popup.clear')} />
      </footer>
    );
  }
  return (
    <footer class="foot">
      <span class={DOTS[summary.dot]} aria-hidden="true" />
      <span class="grow cut num">{summary.text}</span>
      {hasRows && (
        <>
          <Keys keys={[<EnterKey key="enter" />]} does={i18n.t('popup.open')} />
          <button
            type="button"
            class="link-button actions-button"
            // The filter keeps the focus, and with it the active row.
            onMouseDown={(event) => event.preventDefault()}
            onClick={onActions}
          >
            <kbd>Shift F10</kbd>
            {i18n.t('popup.actions')}
          </button>
        </>
      )}
    </footer>
  );
}

function Keys({ keys, does }: { keys: ComponentChildren[]; does: string }) {
  return (
    <span class="keys">
      {keys.map((key, index) => (
        <kbd key={index}>{key}</kbd>
      ))}
      {does}
    </span>
  );
}

function EnterKey() {
  return (
    <>
      <Icon name="corner-down-left" isSmall />
      <span class="visually-hidden">Enter</span>
    </>
  );
}
