import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { parseServerAddress } from '../../components/server-address.ts';
import { LineForm, type FormError } from '../../components/line-form.tsx';
import { SettingRow, Switch } from '../../components/setting-row.tsx';
import { requestOrigins } from './use-server.ts';
import { useSettings } from './use-setting.ts';

const FORGES = ['https://github.com', 'https://gitlab.com'];

/** On which forges the agent of an issue is offered. The browser asks for each one. */
export function IssuePagesSection() {
  const { settings, choose, storedOf } = useSettings();
  const [isAdding, setAdding] = useState(false);
  const [error, setError] = useState<FormError>();
  if (!settings) return null;
  const chosen = settings.issuePages;
  const set = async (origin: string, permission: string, isOn: boolean) => {
    const others = chosen.filter((one) => one !== origin);
    if (!isOn) choose('issuePages', others);
    else if (await requestOrigins([permission])) choose('issuePages', [...others, origin]);
    else return false;
    return true;
  };
  const add = async (typed: string) => {
    const address = parseServerAddress(typed);
    const isSet = address && (await set(address.origin, address.permission, true));
    if (isSet) setAdding(false);
    const key = address ? 'options.issuePages.refused' : 'options.issuePages.badAddress';
    setError(isSet ? undefined : { code: 'bad-address', sentence: i18n.t(key) });
  };
  return (
    <section id="issue-pages">
      <h2>
        {i18n.t('options.issuePages.title')}
        <span class="right">
          {!isAdding && (
            <button type="button" class="button small" onClick={() => setAdding(true)}>
              {i18n.t('options.issuePages.add')}
            </button>
          )}
        </span>
      </h2>
      <p class="muted explained">{i18n.t('options.issuePages.explained')}</p>
      {[...new Set([...FORGES, ...chosen])].map((origin) => (
        <SettingRow key={origin} label={new URL(origin).host} stored={storedOf('issuePages')}>
          <Switch
            label={i18n.t('options.issuePages.on', { forge: new URL(origin).host })}
            isOn={chosen.includes(origin)}
            onChange={(isOn) => void set(origin, `${origin}/*`, isOn)}
          />
        </SettingRow>
      ))}
      {isAdding && (
        <LineForm
          name="forge"
          label={i18n.t('options.issuePages.address')}
          showsLabel
          placeholder="gitlab.example.test"
          submitLabel={i18n.t('options.issuePages.allow')}
          busyLabel=""
          isBusy={false}
          error={error}
          onSubmit={(text) => void add(text)}
          onCancel={() => setAdding(false)}
        />
      )}
    </section>
  );
}
