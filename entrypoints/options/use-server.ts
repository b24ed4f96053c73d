import { i18n } from '#i18n';
import { useState } from 'preact/hooks';
import { browser } from 'wxt/browser';
import { faultWords } from '../../components/faults.ts';
import type { FormError } from '../../components/line-form.tsx';
import { parseServerAddress, type ServerAddress } from '../../components/server-address.ts';
import { ask } from '../../lib/ask.ts';
import type { FaultCode } from '../../protocol/contexts.ts';

interface ServerUse {
  isBusy: boolean;
  error: FormError | undefined;
  /** Further origins that the server needs, and that the browser has not allowed yet. */
  missing: string[];
  connect: (typed: string) => void;
  allowMissing: () => void;
}

/** Takes a server address: asks the browser for it on the click, then the server whether it is one. */
export function useServer(onConnected: () => void): ServerUse {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<FormError>();
  const [missing, setMissing] = useState<string[]>([]);

  const finish = async (origins: string[]) => {
    const isAllowed = await requestOrigins(origins);
    setMissing(isAllowed ? [] : origins);
    if (isAllowed) onConnected();
  };
  const connect = async (typed: string) => {
    const address = parseServerAddress(typed);
    if (address === null) {
      setError(formError('bad-address', typed));
      return;
    }
    setBusy(true);
    setError(undefined);
    const failed = await setServer(address, finish);
    setError(failed);
    setBusy(false);
  };
  return {
    isBusy,
    error,
    missing,
    connect: (typed) => void connect(typed),
    allowMissing: () => void finish(missing),
  };
}

async function setServer(
  address: ServerAddress,
  onOrigins: (origins: string[]) => Promise<void>,
): Promise<FormError | undefined> {
  if (!(await requestOrigins([address.permission])))
    return formError('permission-missing', address.name);
  const reply = await ask('set-server', { url: address.origin });
  if (!reply.ok) return formError(reply.error.code, address.name);
  await onOrigins(reply.value.origins);
  return undefined;
}

/**
 * Asks the browser to allow origins: at once true if it does already. Firefox and Chromium want this to be the first
 * thing after the click. Without a click, or for an origin outside the manifest, the browser throws: not allowed.
 */
export async function requestOrigins(origins: string[]): Promise<boolean> {
  try {
    return await browser.permissions.request({ origins });
  } catch {
    return browser.permissions.contains({ origins });
  }
}

/** The words for a fault under a form's field. */
export function formError(code: FaultCode, server?: string): FormError {
  const { sentence } = faultWords(code, { server }, 'form');
  return code === 'permission-missing'
    ? { code, sentence, retryLabel: i18n.t('setup.askAgain') }
    : { code, sentence };
}
