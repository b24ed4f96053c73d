import { i18n } from '#i18n';
import { useState } from 'preact/hooks';
import { commandLabel } from '../../components/command-label.ts';
import { SettingRow } from '../../components/setting-row.tsx';
import { chordLabel, chordOf, isCommandChord } from '../../lib/key-chords.ts';
import {
  commandOf,
  keysOf,
  TERMINAL_COMMAND_NAMES,
  type ChosenKeys,
  type TerminalCommand,
} from '../../lib/terminal-commands.ts';
import { useSettings } from './use-setting.ts';

/** The keys of terminals: each can be another one, or none. What is not listed goes to the program. */
export function KeyboardSection() {
  const { settings, choose, storedOf } = useSettings();
  const [asking, setAsking] = useState<TerminalCommand>();
  const [last, setLast] = useState<TerminalCommand>();
  if (!settings) return null;
  const isMac = navigator.platform.startsWith('Mac');
  const chosen = settings.keys;
  const set = (command: TerminalCommand, keys: readonly string[] | undefined) => {
    const { [command]: _, ...others } = chosen;
    choose('keys', keys === undefined ? others : { ...others, [command]: keys });
    setLast(command);
    setAsking(undefined);
  };
  const onKeyDown = (command: TerminalCommand, event: KeyboardEvent) => {
    if (event.key === 'Tab') return; // the way on for whoever changed their mind
    event.preventDefault();
    event.stopPropagation();
    const chord = chordOf(event, isMac);
    if (event.key === 'Escape') setAsking(undefined);
    else if (event.key === 'Backspace') set(command, []);
    else if (chord !== undefined && isCommandChord(chord)) set(command, [chord]);
  };
  return (
    <section id="keyboard">
      <h2>{i18n.t('options.keyboard.title')}</h2>
      <p class="muted explained">{i18n.t('options.keyboard.explained')}</p>
      {TERMINAL_COMMAND_NAMES.map((command) => {
        const keys = keysOf(command, chosen, isMac);
        const label = commandLabel(command);
        return (
          <SettingRow
            key={command}
            label={label}
            wrong={clash(command, keys, chosen, isMac)}
            stored={command === last ? storedOf('keys') : 'no'}
          >
            <button
              type="button"
              class={asking === command ? 'button small asking' : 'button small plain keys'}
              data-command={command}
              onClick={() => setAsking(command)}
              onKeyDown={(event) => asking === command && onKeyDown(command, event)}
              onBlur={() => setAsking(undefined)}
            >
              <span class="visually-hidden">{label} </span>
              {asking === command ? i18n.t('options.keyboard.press') : shownKeys(keys, isMac)}
            </button>
            {chosen[command] !== undefined && (
              <button
                type="button"
                class="button small plain"
                onClick={() => set(command, undefined)}
              >
                {i18n.t('options.keyboard.usual')}
                <span class="visually-hidden"> {label}</span>
              </button>
            )}
          </SettingRow>
        );
      })}
    </section>
  );
}

function shownKeys(keys: readonly string[], isMac: boolean) {
  if (keys.length === 0) return i18n.t('options.keyboard.none');
  return keys.map((key) => <kbd key={key}>{chordLabel(key, isMac)}</kbd>);
}

/** A key of a command that another one gets instead. */
function clash(
  command: TerminalCommand,
  keys: readonly string[],
  chosen: ChosenKeys,
  isMac: boolean,
): string | undefined {
  for (const key of keys) {
    const winner = commandOf(key, chosen, isMac);
    if (winner !== undefined && winner !== command)
      return i18n.t('options.keyboard.clash', {
        keys: chordLabel(key, isMac),
        command: commandLabel(winner),
      });
  }
  return undefined;
}
