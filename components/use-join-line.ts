import { useEffect, useRef, useState } from 'preact/hooks';
import type { JoinLine, JoinLineWatch } from '../lib/join-line.ts';
import type { AccountState } from '../protocol/contexts.ts';

type WatchJoinLine = (account: AccountState, onLine: (line: JoinLine) => void) => JoinLineWatch;

/** The join line of an account while a component shows it. */
export function useJoinLine(
  watch: WatchJoinLine,
  account: AccountState,
): { line: JoinLine; renew: () => void } {
  const [line, setLine] = useState<JoinLine>({ kind: 'asking' });
  const running = useRef<JoinLineWatch>();
  // Every refresh brings an equal account in a new object; only another person is another line.
  const owner = account.kind === 'signed-in' ? `${account.serverUrl} ${account.email}` : '';
  useEffect(() => {
    if (owner === '') return undefined;
    const started = watch(account, setLine);
    running.current = started;
    return () => started.stop();
  }, [watch, owner]);
  return { line, renew: () => running.current?.renew() };
}
