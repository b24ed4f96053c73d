import { Choice } from '../../components/choice.tsx';
import { SettingRow } from '../../components/setting-row.tsx';
import type { ThemeChoice } from '../../lib/settings-table.ts';
import { i18n } from '#i18n';
import { useSettings } from './use-setting.ts';

/** How the pages look. */
export function AppearanceSection() {
  const { settings, choose, storedOf } = useSettings();
  if (!settings) return null;
  const options: { value: ThemeChoice; label: string }[] = [
    { value: 'system', label: i18n.t('options.appearance.system') },
    { value: 'light', label: i18n.t('options.appearance.light') },
    { value: 'dark', label: i18n.t('options.appearance.dark') },
  ];
  return (
    <section id="appearance">
      <h2>{i18n.t('options.appearance.title')}</h2>
      <SettingRow
        label={i18n.t('options.appearance.theme')}
        hint={i18n.t('options.appearance.themeHint')}
        stored={storedOf('theme')}
      >
        <Choice
          name="theme"
          label={i18n.t('options.appearance.theme')}
          value={settings.theme}
          options={options}
          onChange={(theme) => choose('theme', theme)}
        />
      </SettingRow>
    </section>
  );
}
