import { i18n } from '#i18n';
import type { KeyChord } from '../lib/key-chords.ts';
import { KeyLabel } from './key-label.tsx';
import type { ConnectionSummary } from './popup-view.ts';

interface PopupFooterProps {
  summary: ConnectionSummary;
  /** Set while the list is filtered: "3 of 11 sessions". */
  matches: string | undefined;
  hasRows: boolean;
  /** The keys that are shown; none where somebody chose none. */
  keys: Record<'open' | 'leave' | 'row-actions', KeyChord | undefined>;
  isMac: boolean;
  /** Shows what else can be done with the active row. */
  onActions: () => void;
}

const DOTS: Record<ConnectionSummary['dot'], string> = {
  connected: 'dot',
  none: 'dot none',
  busy: 'spinner',
};

/** How the connection is, and the keys that work now. */
export function PopupFooter(props: PopupFooterProps) {
  const { summary, matches, hasRows, keys, isMac, onActions } = props;
  const opens = hasRows && (
    <span class="keys">
      <KeyLabel chord={keys.open} isMac={isMac} />
      {i18n.t('popup.open')}
    </span>
  );
  if (matches !== undefined) {
    return (
      <footer class="foot">
        <span class="grow num" role="status">
          {matches}
        </span>
        {opens}
        <span class="keys">
          <KeyLabel chord={keys.leave} isMac={isMac} />
          {i18n.t('popup.clear')}
        </span>
      </footer>
    );
  }
  return (
    <footer class="foot">
      <span class={DOTS[summary.dot]} aria-hidden="true" />
      <span class="grow cut num">{summary.text}</span>
      {hasRows && (
        <>
          {opens}
          <button
            type="button"
            class="link-button actions-button"
            // The filter keeps the focus, and with it the active row.
            onMouseDown={(event) => event.preventDefault()}
            onClick={onActions}
          >
            <KeyLabel chord={keys['row-actions']} isMac={isMac} />
            {i18n.t('popup.actions')}
          </button>
        </>
      )}
    </footer>
  );
}
