import { useState } from 'preact/hooks';
import type { FormError } from '../../components/line-form.tsx';
import { ask } from '../../lib/ask.ts';
import { formError } from './use-server.ts';

interface SignInUse {
  isBusy: boolean;
  error: FormError | undefined;
  /** @param isForgotten the sign-in ends with the browser */
  signIn: (isForgotten: boolean) => void;
  /** How a sign-in by another way ended; undefined if the person gave it up. */
  fail: (error: FormError | undefined) => void;
}

/** Signs in on the server's page. This page goes on when the account's new state arrives. */
export function useSignIn(server: string): SignInUse {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<FormError>();
  const signIn = async (isForgotten: boolean) => {
    setBusy(true);
    const reply = await ask('sign-in', { isForgotten });
    setError(reply.ok ? undefined : formError(reply.error.code, server));
    setBusy(false);
  };
  return { isBusy, error, signIn: (isForgotten) => void signIn(isForgotten), fail: setError };
}
