import { i18n } from '#i18n';
import type { Progress } from '../lib/progress.ts';
import type { TerminalCommand } from '../lib/commands.ts';
import type { SizeConflict } from '../lib/session-size.ts';
import { Icon, type IconName } from './icon.tsx';
import { IconButton } from './icon-button.tsx';
import type { ConnectionNote } from './terminal-heading.ts';
import type { SessionLabel, ShownState } from './session-view.ts';
import { conflictText, sizeText } from './size-words.ts';
import { StateIcon } from './state-icon.tsx';
import { count } from './times.ts';

interface TerminalBarProps {
  state: ShownState;
  label: SessionLabel;
  hubName: string;
  /** The agent's question or the pane's title. */
  title: string;
  isReadOnly: boolean;
  /** Set while the session has another size than this terminal. */
  conflict: SizeConflict | undefined;
  keysNotSent: number;
  connection: ConnectionNote;
  /** How often the bell rang; each new number flashes. */
  rings: number;
  /** How far the program says that it is. */
  progress: Progress | null;
  onCommand: (command: TerminalCommand) => void;
}

const BUTTONS: { command: TerminalCommand; icon: IconName; label: string }[] = [
  { command: 'find', icon: 'search', label: i18n.t('command.find') },
  { command: 'history', icon: 'scroll-text', label: i18n.t('terminal.history') },
  { command: 'window', icon: 'app-window', label: i18n.t('sheet.window') },
  { command: 'palette', icon: 'ellipsis', label: i18n.t('terminal.more') },
];

/** The one line above a terminal: whose it is, what it does, how it is reached. tmux's own line is at the bottom. */
export function TerminalBar(props: TerminalBarProps) {
  const { state, label, hubName, title, keysNotSent, connection, rings, progress } = props;
  const { isReadOnly, conflict, onCommand } = props;
  return (
    <header class="bar" data-state={state}>
      {rings > 0 && <span class="flash" key={rings} data-rings={rings} aria-hidden="true" />}
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
      {isReadOnly && (
        <span class="tag">
          <Icon name="lock" isSmall />
          {i18n.t('size.readOnly')}
        </span>
      )}
      {conflict && (
        <span class="tag num" title={conflictText(conflict)}>
          {sizeText(conflict.size)}
        </span>
      )}
      {keysNotSent > 0 && (
        <span class="tag num">
          {i18n.t('terminal.keysNotSent', { keys: count(keysNotSent, 'key') })}
        </span>
      )}
      <span class="path num">
        <span class={connection.dot} aria-hidden="true" />
        {connection.text}
      </span>
      <span class="sep" />
      <span class="buttons">
        {BUTTONS.map(({ command, icon, label }) => (
          <IconButton key={command} icon={icon} label={label} onClick={() => onCommand(command)} />
        ))}
      </span>
      {progress && (
        <progress
          class={`line ${progress.state}`}
          max={100}
          value={progress.percent}
          aria-label={i18n.t('terminal.progress')}
        />
      )}
    </header>
  );
}
