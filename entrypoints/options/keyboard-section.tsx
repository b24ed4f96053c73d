import { i18n } from '#i18n';
import { useState } from 'preact/hooks';
import { browser } from 'wxt/browser';
import { commandLabel } from '../../components/command-label.ts';
import { SettingRow } from '../../components/setting-row.tsx';
import {
  commandOf,
  commandsIn,
  keysOf,
  mayRun,
  PLACES,
  type ChosenKeys,
  type Command,
  type Place,
} from '../../lib/commands.ts';
import { chordLabel, chordOf, numberChord } from '../../lib/key-chords.ts';
import { useFollowed } from '../../components/use-followed.ts';
import { useSettings } from './use-setting.ts';

const IS_MAC = navigator.platform.startsWith('Mac');

/** The keys of every page: each can be another one, or none. Those of the whole browser are the browser's to change. */
export function KeyboardSection() {
  const { settings, choose, storedOf } = useSettings();
  const [asking, setAsking] = useState<Command>();
  const [last, setLast] = useState<Command>();
  if (!settings) return null;
  const chosen = settings.keys;
  const set = (command: Command, keys: readonly string[] | undefined) => {
    const { [command]: _, ...others } = chosen;
    choose('keys', keys === undefined ? others : { ...others, [command]: keys });
    setLast(command);
    setAsking(undefined);
  };
  const onKeyDown = (place: Place, command: Command, event: KeyboardEvent) => {
    if (event.key === 'Tab') return; // the way on for whoever changed their mind
    event.preventDefault();
    event.stopPropagation();
    const isNumber = command === 'open-number';
    const chord = isNumber ? numberChord(event, IS_MAC)?.chord : chordOf(event, IS_MAC);
    if (event.key === 'Escape') setAsking(undefined);
    else if (event.key === 'Backspace') set(command, []);
    else if (chord !== undefined && mayRun(place, chord)) set(command, [chord]);
  };
  return (
    <section id="keyboard">
      <h2>{i18n.t('options.keyboard.title')}</h2>
      <p class="muted explained">{i18n.t('options.keyboard.explained')}</p>
      {PLACES.map((place) => (
        <div key={place} role="group" aria-label={i18n.t(`options.keyboard.${place}`)}>
          <h3>{i18n.t(`options.keyboard.${place}`)}</h3>
          {commandsIn(place).map((command) => {
            const keys = keysOf(command, chosen, IS_MAC);
            const label = commandLabel(command);
            return (
              <SettingRow
                key={command}
                label={label}
                wrong={clash(place, command, keys, chosen)}
                stored={command === last ? storedOf('keys') : 'no'}
              >
                <button
                  type="button"
                  class={asking === command ? 'button small asking' : 'button small plain keys'}
                  data-command={command}
                  onClick={() => setAsking(command)}
                  onKeyDown={(event) => asking === command && onKeyDown(place, command, event)}
                  onBlur={() => setAsking(undefined)}
                >
                  <span class="visually-hidden">{label} </span>
                  {asking === command ? i18n.t('options.keyboard.press') : shownKeys(keys)}
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
        </div>
      ))}
      <Anywhere />
    </section>
  );
}

const readBrowserKeys = () => browser.commands.getAll();
/** The browser tells nobody that one was changed; a return to this page reads them again. */
function followReturns(onKeys: (keys: Awaited<ReturnType<typeof readBrowserKeys>>) => void) {
  const onFocus = () => void readBrowserKeys().then(onKeys);
  addEventListener('focus', onFocus);
  return () => removeEventListener('focus', onFocus);
}

/** Firefox has a call for it, Chromium an address. */
async function openBrowserKeys(): Promise<void> {
  const commands = browser.commands as { openShortcutSettings?: () => Promise<void> };
  if (commands.openShortcutSettings) await commands.openShortcutSettings();
  else await browser.tabs.create({ url: 'chrome://extensions/shortcuts' });
}

/** The keys that work in every tab. */
function Anywhere() {
  const keys = useFollowed(readBrowserKeys, followReturns) ?? [];
  const title = i18n.t('options.keyboard.anywhere');
  return (
    <div role="group" aria-label={title}>
      <h3>{title}</h3>
      {keys.map(({ name, description, shortcut }) => {
        const label = description || i18n.t('options.keyboard.openPopup');
        return (
          <SettingRow key={name} label={label} stored="no">
            <span class="row keys">
              {shortcut ? <kbd>{shortcut}</kbd> : i18n.t('options.keyboard.none')}
            </span>
          </SettingRow>
        );
      })}
      <SettingRow label={i18n.t('options.keyboard.ofBrowser')} stored="no">
        <button type="button" class="button small" onClick={() => void openBrowserKeys()}>
          {i18n.t('options.keyboard.change')}
        </button>
      </SettingRow>
    </div>
  );
}

function shownKeys(keys: readonly string[]) {
  if (keys.length === 0) return i18n.t('options.keyboard.none');
  return keys.map((key) => <kbd key={key}>{chordLabel(key, IS_MAC)}</kbd>);
}

/** A key of a command that another one of the same page gets instead. */
function clash(
  place: Place,
  command: Command,
  keys: readonly string[],
  chosen: ChosenKeys,
): string | undefined {
  for (const key of keys) {
    const winner = commandOf(place, key, chosen, IS_MAC);
    if (winner !== undefined && winner !== command)
      return i18n.t('options.keyboard.clash', {
        keys: chordLabel(key, IS_MAC),
        command: commandLabel(winner),
      });
  }
  return undefined;
}
