import { useEffect, useState } from 'preact/hooks';
import type { TargetedEvent } from 'preact';

/**
 * What an input shows while a person types into it: a setting that arrives meanwhile must not undo the keys. The draft goes
 * when the stored text changes, or when `commit` says that it does not take it.
 */
export function useDraft(stored: string, commit: (text: string) => boolean) {
  const [draft, setDraft] = useState<string>();
  useEffect(() => setDraft(undefined), [stored]);
  return {
    value: draft ?? stored,
    onInput: ({ currentTarget }: TargetedEvent<HTMLInputElement>) => setDraft(currentTarget.value),
    onChange: ({ currentTarget }: TargetedEvent<HTMLInputElement>) => {
      if (!commit(currentTarget.value)) setDraft(undefined);
    },
  };
}
