import { i18n } from '#i18n';
import { useRef, useState } from 'preact/hooks';
import { exportSettings, importSettings } from '../../lib/settings-file.ts';

/** Larger than any export, and small enough to read at once. */
const MAX_FILE_BYTES = 100_000;

/** Writes the settings to a file, and takes them from one. */
export function SettingsFileSection() {
  const [said, setSaid] = useState('');
  const picker = useRef<HTMLInputElement>(null);
  const save = async () => {
    const url = URL.createObjectURL(
      new Blob([await exportSettings()], { type: 'application/json' }),
    );
    const link = document.createElement('a');
    link.href = url;
    link.download = 'hubtab-settings.json';
    link.click();
    URL.revokeObjectURL(url);
  };
  const take = async (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    if (!file) return;
    const text = file.size > MAX_FILE_BYTES ? '' : await file.text();
    input.value = ''; // else the same file cannot be chosen again
    try {
      const taken = await importSettings(text);
      setSaid(taken === 0 ? i18n.t('options.file.notOurs') : i18n.t('options.file.taken', taken));
    } catch {
      setSaid(i18n.t('options.notSaved'));
    }
  };
  return (
    <section id="settings-file">
      <h2>{i18n.t('options.file.title')}</h2>
      <div class="set">
        <span>{i18n.t('options.file.label')}</span>
        <span class="hint">{i18n.t('options.file.hint')}</span>
        <span class="row">
          <span class="hint" role="status">
            {said}
          </span>
          <input
            type="file"
            class="visually-hidden"
            tabIndex={-1}
            aria-label={i18n.t('options.file.import')}
            accept="application/json,.json"
            ref={picker}
            onChange={(event) => void take(event.currentTarget)}
          />
          <button type="button" class="button small" onClick={() => picker.current?.click()}>
            {i18n.t('options.file.import')}
          </button>
          <button type="button" class="button small" onClick={() => void save()}>
            {i18n.t('options.file.export')}
          </button>
        </span>
      </div>
    </section>
  );
}
