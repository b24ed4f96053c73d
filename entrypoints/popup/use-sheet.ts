import { useState } from 'preact/hooks';
import { faultWords } from '../../components/faults.ts';
import type { FormError } from '../../components/line-form.tsx';
import { plainText } from '../../components/plain-text.ts';
import type { SessionRow } from '../../components/session-view.ts';
import { ask } from '../../lib/ask.ts';
import type { ExtensionState, Result } from '../../protocol/contexts.ts';

/** The sheet of one session: which one, and what is being done with it. */
export function useSheet(state: ExtensionState, rows: SessionRow[]) {
  const [key, setKey] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<FormError>();
  const row = rows.find((one) => one.key === key);
  const session = state.hubs
    .find(({ hub }) => hub.id === row?.hubId)
    ?.sessions.find(({ name }) => name === row?.session);
  const isAgent = session?.agent !== undefined;

  const show = (shown: SessionRow | undefined) => {
    setError(undefined);
    setKey(shown?.key);
  };
  const act = async (done: Promise<Result<unknown>>) => {
    setBusy(true);
    const reply = await done;
    setBusy(false);
    if (reply.ok) setKey(undefined);
    else {
      const { code, detail } = reply.error;
      const { title, sentence } = faultWords(code, { hub: row?.hubName }, 'list');
      const said = plainText(detail, 300);
      setError({
        code,
        sentence: `${title}. ${code === 'agent-refused' && said ? said : sentence}`,
      });
    }
  };
  return {
    row,
    isAgent,
    isBusy,
    error,
    show,
    close: () => setKey(undefined),
    rename: (name: string) => {
      if (row) void act(ask('rename-session', { hubId: row.hubId, session: row.session, name }));
    },
    stop: () => {
      if (row) void act(ask('stop-session', { hubId: row.hubId, session: row.session, isAgent }));
    },
  };
}
