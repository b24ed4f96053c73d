import { i18n } from '#i18n';
import { Choice } from '../../components/choice.tsx';
import { SettingRow, Switch } from '../../components/setting-row.tsx';
import { FONT_PX, SETTINGS, type TerminalThemeChoice } from '../../lib/settings-table.ts';
import { useState } from 'preact/hooks';
import { useDraft } from './use-draft.ts';
import { useSettings } from './use-setting.ts';

/** Those that are on or off, in the order of the page. */
const SWITCHES = [
  'confirmPaste',
  'copyOnSelect',
  'screenReader',
  'macOptionIsMeta',
  'showBar',
] as const;

/** How terminals look and behave, on every hub. */
export function TerminalSection() {
  const { settings, choose, storedOf } = useSettings();
  const [badFont, setBadFont] = useState<string>();
  const font = useDraft(settings?.fontFamily ?? '', (name) => {
    const read = SETTINGS.fontFamily.read(name.trim());
    setBadFont(read === undefined ? i18n.t('options.terminal.badFont') : undefined);
    if (read !== undefined) choose('fontFamily', read);
    return read !== undefined;
  });
  const size = useDraft(String(settings?.fontPx ?? ''), (text) => {
    const px = SETTINGS.fontPx.read(Number(text));
    if (px !== undefined) choose('fontPx', px);
    return px !== undefined;
  });
  if (!settings) return null;
  const isMac = navigator.platform.startsWith('Mac');
  const themes: { value: TerminalThemeChoice; label: string }[] = [
    { value: 'page', label: i18n.t('options.terminal.asPages') },
    { value: 'light', label: i18n.t('options.appearance.light') },
    { value: 'dark', label: i18n.t('options.appearance.dark') },
    { value: 'high-contrast', label: i18n.t('options.terminal.highContrast') },
  ];
  return (
    <section id="terminal">
      <h2>{i18n.t('options.terminal.title')}</h2>
      <SettingRow label={i18n.t('options.terminal.theme')} stored={storedOf('terminalTheme')}>
        <Choice
          name="terminal-theme"
          label={i18n.t('options.terminal.theme')}
          value={settings.terminalTheme}
          options={themes}
          onChange={(theme) => choose('terminalTheme', theme)}
        />
      </SettingRow>
      <SettingRow
        label={i18n.t('options.terminal.font')}
        hint={i18n.t('options.terminal.fontHint')}
        wrong={badFont}
        stored={storedOf('fontFamily')}
      >
        <input
          type="text"
          class="input font"
          name="font"
          aria-label={i18n.t('options.terminal.font')}
          aria-invalid={badFont !== undefined}
          placeholder="JetBrains Mono NL"
          spellcheck={false}
          {...font}
        />
      </SettingRow>
      <SettingRow
        label={i18n.t('options.terminal.size')}
        hint={i18n.t('options.terminal.sizeHint')}
        stored={storedOf('fontPx')}
      >
        <input
          type="number"
          class="input size"
          name="size"
          aria-label={i18n.t('options.terminal.size')}
          min={FONT_PX.min}
          max={FONT_PX.max}
          {...size}
        />
      </SettingRow>
      {SWITCHES.filter((name) => isMac || name !== 'macOptionIsMeta').map((name) => (
        <SettingRow
          key={name}
          label={i18n.t(`options.terminal.${name}`)}
          hint={i18n.t(`options.terminal.${name}Hint`)}
          stored={storedOf(name)}
        >
          <Switch
            label={i18n.t(`options.terminal.${name}`)}
            isOn={settings[name]}
            onChange={(isOn) => choose(name, isOn)}
          />
        </SettingRow>
      ))}
    </section>
  );
}
