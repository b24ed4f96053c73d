import type { ComponentChildren } from 'preact';
import { Icon } from './icon.tsx';
import type { ConnectionSummary } from './popup-view.ts';

interface PopupFooterProps {
  summary: ConnectionSummary;
  /** Set while the list is filtered: "3 of 11 sessions". */
  matches: string | undefined;
  hasRows: boolean;
}

const DOTS: Record<ConnectionSummary['dot'], string> = {
  connected: 'dot',
  none: 'dot none',
  busy: 'spinner',
};

/** How the connection is, and the keys that work now. */
export function PopupFooter({ summary, matches, hasRows }: PopupFooterProps) {
  if (matches !== undefined) {
    return (
      <footer class="foot">
        <span class="grow num" role="status">
          {matches}
        </span>
        {hasRows && <Keys keys={[<EnterKey key="enter" />]} does="Open" />}
        <Keys keys={['Esc']} does="Clear" />
      </footer>
    );
  }
  return (
    <footer class="foot">
      <span class={DOTS[summary.dot]} aria-hidden="true" />
      <span class="grow cut num">{summary.text}</span>
      {hasRows && (
        <>
          <Keys keys={[<EnterKey key="enter" />]} does="Open" />
          <Keys keys={['Ctrl', <EnterKey key="enter" />]} does="New tab" />
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
