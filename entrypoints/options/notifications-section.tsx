import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { SettingRow, Switch } from '../../components/setting-row.tsx';
import { areNoticesBlocked, CAN_BE_SILENT } from '../../lib/notices.ts';
import type { Settings } from '../../lib/settings-table.ts';
import { useSettings } from './use-setting.ts';

/** From ten in the evening to seven: what most people mean by quiet hours. */
const USUAL_HOURS = { fromMin: 22 * 60, toMin: 7 * 60 };

/** When Hubtab may call a person, and how. */
export function NotificationsSection() {
  const { settings, choose, storedOf } = useSettings();
  const isBlocked = useIsBlocked();
  if (!settings) return null;
  const { notifyWaiting, notifySound, quietHours } = settings;
  const blocked = isBlocked ? i18n.t('options.notifications.blocked') : undefined;
  return (
    <section id="notifications">
      <h2>{i18n.t('options.notifications.title')}</h2>
      <SettingRow
        label={i18n.t('options.notifications.waiting')}
        hint={i18n.t('options.notifications.waitingHint')}
        wrong={notifyWaiting ? blocked : undefined}
        stored={storedOf('notifyWaiting')}
      >
        <Switch
          label={i18n.t('options.notifications.waiting')}
          isOn={notifyWaiting}
          onChange={(isOn) => choose('notifyWaiting', isOn)}
        />
      </SettingRow>
      {CAN_BE_SILENT && (
        <SettingRow label={i18n.t('options.notifications.sound')} stored={storedOf('notifySound')}>
          <Switch
            label={i18n.t('options.notifications.sound')}
            isOn={notifySound}
            onChange={(isOn) => choose('notifySound', isOn)}
          />
        </SettingRow>
      )}
      <SettingRow
        label={i18n.t('options.notifications.quiet')}
        hint={i18n.t('options.notifications.quietHint')}
        stored={storedOf('quietHours')}
      >
        {quietHours && (
          <Hours hours={quietHours} onHours={(hours) => choose('quietHours', hours)} />
        )}
        <Switch
          label={i18n.t('options.notifications.quiet')}
          isOn={quietHours !== null}
          onChange={(isOn) => choose('quietHours', isOn ? USUAL_HOURS : null)}
        />
      </SettingRow>
    </section>
  );
}

type QuietHours = NonNullable<Settings['quietHours']>;

function Hours({ hours, onHours }: { hours: QuietHours; onHours: (hours: QuietHours) => void }) {
  const end = (name: keyof QuietHours, label: string) => (
    <input
      type="time"
      class="input time"
      aria-label={`${i18n.t('options.notifications.quiet')} ${label}`}
      value={clock(hours[name])}
      onChange={(event) => {
        const minutes = minutesOf(event.currentTarget.value);
        const next = { ...hours, [name]: minutes ?? hours[name] };
        if (next.fromMin !== next.toMin) onHours(next);
      }}
    />
  );
  return (
    <span class="row hours">
      {end('fromMin', i18n.t('options.notifications.from'))}
      <span aria-hidden="true">–</span>
      {end('toMin', i18n.t('options.notifications.to'))}
    </span>
  );
}

function clock(minutes: number): string {
  const pad = (part: number) => String(part).padStart(2, '0');
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

function minutesOf(text: string): number | undefined {
  const [, hours, minutes] = /^(\d{2}):(\d{2})/.exec(text) ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}

/** Whether the system or the browser keeps this extension's notifications from being seen. */
function useIsBlocked(): boolean {
  const [isBlocked, setBlocked] = useState(false);
  useEffect(() => {
    void areNoticesBlocked().then(setBlocked);
  }, []);
  return isBlocked;
}
