import { i18n } from '#i18n';
import { useState } from 'preact/hooks';
import type { FormError } from '../../components/line-form.tsx';
import { ask } from '../../lib/ask.ts';
import { formError } from './use-server.ts';

interface PairingUse {
  isBusy: boolean;
  error: FormError | undefined;
  pair: (code: string) => void;
}

/** Signs in with a one-use code. The page goes on when the account's new state arrives. */
export function usePairing(server: string): PairingUse {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<FormError>();
  const pair = async (typed: string) => {
    const code = typed.trim();
    if (code === '') {
      setError({ code: 'code-empty', sentence: i18n.t('setup.codeEmpty') });
      return;
    }
    setBusy(true);
    const reply = await ask('pair', { code });
    setError(reply.ok ? undefined : formError(reply.error.code, server));
    setBusy(false);
  };
  return { isBusy, error, pair: (code) => void pair(code) };
}
