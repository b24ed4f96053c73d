import type { ConnectionNote } from './terminal-heading.ts';
import type { SessionLabel, ShownState } from './session-view.ts';
import { StateIcon } from './state-icon.tsx';
import { count } from './times.ts';

interface TerminalBarProps {
  state: ShownState;
  label: SessionLabel;
  hubName: string;
  /** The agent's question or the pane's title. */
  title: string;
  keysNotSent: number;
  connection: ConnectionNote;
}

/** The one line above a terminal: whose it is, what it does, how it is reached. tmux's own line is at the bottom. */
export function TerminalBar(props: TerminalBarProps) {
  const { state, label, hubName, title, keysNotSent, connection } = props;
  return (
    <header class="bar" data-state={state}>
      <StateIcon state={state} />
      <h1 class="who" title={`${label.name} ${label.issue}`.trim()}>
        <span class="cut">{label.name}</span>
        {label.issue !== '' && <i> {label.issue}</i>}
      </h1>
      <span class="muted cut hub" title={hubName}>
        {hubName}
      </span>
      {title !== '' && <span class="sep" />}
      <span class="grow cut muted" title={title}>
        {title}
      </span>
      {keysNotSent > 0 && <span class="tag num">{count(keysNotSent, 'key')} not sent</span>}
      <span class="path num">
        <span class={connection.dot} aria-hidden="true" />
        {connection.text}
      </span>
    </header>
  );
}
