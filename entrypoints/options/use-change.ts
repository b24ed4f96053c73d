import { useState } from 'preact/hooks';
import type { FormError } from '../../components/line-form.tsx';
import type { Result } from '../../protocol/contexts.ts';
import { formError } from './use-server.ts';

interface ChangeUse {
  isBusy: boolean;
  error: FormError | undefined;
  /** Runs one change, unless one is running. @param onDone told when it succeeded */
  run: (work: () => Promise<Result<unknown>>, onDone?: () => void) => void;
}

/** One thing at a time that is changed on the server, with the words for what went wrong. */
export function useChange(server: string): ChangeUse {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<FormError>();
  const run = async (work: () => Promise<Result<unknown>>, onDone: () => void) => {
    if (isBusy) return;
    setBusy(true);
    const reply = await work();
    setBusy(false);
    setError(reply.ok ? undefined : formError(reply.error.code, server));
    if (reply.ok) onDone();
  };
  return { isBusy, error, run: (work, onDone = () => {}) => void run(work, onDone) };
}
