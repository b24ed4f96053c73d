import { i18n } from '#i18n';
import { useEffect, useState } from 'preact/hooks';
import type { FormError } from '../../components/line-form.tsx';
import { ask } from '../../lib/ask.ts';
import type { DeviceGrant } from '../../protocol/contexts.ts';
import { formError } from './use-server.ts';

interface DeviceFormProps {
  server: string;
  /** The sign-in ends with the browser. */
  isForgotten: boolean;
  /** Nobody approved the code, or it could not be asked for. */
  onFailed: (error: FormError) => void;
  onCancel: () => void;
}

/** Signs in by a code that a person approves on the server's page. This page goes on when the account's new state arrives. */
export function DeviceForm({ server, isForgotten, onFailed, onCancel }: DeviceFormProps) {
  const grant = useDeviceGrant(server, isForgotten, onFailed);
  return (
    <div class="line-form" data-state="device-grant">
      <p>{i18n.t('setup.approve', { server })}</p>
      {grant && (
        <p class="device-code mono" data-code={grant.userCode}>
          {grant.userCode}
        </p>
      )}
      <p class="muted" role="status">
        {i18n.t(grant ? 'setup.approveWaiting' : 'setup.asking')}
      </p>
      <div class="actions">
        {grant && (
          <a class="button main" href={grant.url} target="_blank" rel="noreferrer">
            {i18n.t('setup.approveLink')}
          </a>
        )}
        <button type="button" class="button plain" onClick={onCancel}>
          {i18n.t('button.cancel')}
        </button>
      </div>
    </div>
  );
}

/** Asks for a code, then asks the server again and again whether it was approved, until this goes away. */
function useDeviceGrant(
  server: string,
  isForgotten: boolean,
  onFailed: (error: FormError) => void,
): DeviceGrant | undefined {
  const [grant, setGrant] = useState<DeviceGrant>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isGone = false;
    const poll = async (deviceCode: string) => {
      const answer = await ask('poll-device-grant', { deviceCode, isForgotten });
      if (isGone) return;
      if (!answer.ok) onFailed(formError(answer.error.code, server));
      else if ('pauseMs' in answer.value) wait(deviceCode, answer.value.pauseMs);
    };
    const wait = (deviceCode: string, pauseMs: number) => {
      timer = setTimeout(() => void poll(deviceCode), pauseMs);
    };
    const start = async () => {
      const started = await ask('start-device-grant', {});
      if (isGone) return;
      if (!started.ok) return onFailed(formError(started.error.code, server));
      setGrant(started.value);
      wait(started.value.deviceCode, started.value.pauseMs);
    };
    void start();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, []);
  return grant;
}
