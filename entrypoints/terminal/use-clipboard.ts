import { useState } from 'preact/hooks';
import { changeHubMemory, type HubMemory } from '../../lib/hub-memory.ts';
import type { HubId } from '../../protocol/ids.ts';

/** A copy that a program on the hub asked for and that waits for the person. */
export interface AskedCopy {
  text: string;
  /** `consent`: whether it may at all; `focus`: the browser takes it only from a page that is looked at. */
  waitsFor: 'consent' | 'focus';
}

export interface Clipboard {
  asked: AskedCopy | undefined;
  onCopyAsked: (text: string) => void;
  /** Answers the question: this one, always on this hub, or never. */
  answer: (answer: 'once' | 'always' | 'never') => void;
}

/**
 * Lets programs on a hub write the clipboard once a person allowed it, and never read it. A newer text replaces the one
 * that waits: a flood asks once.
 */
export function useClipboard(hubId: HubId, memory: HubMemory | undefined): Clipboard {
  const [asked, setAsked] = useState<AskedCopy>();
  const write = (text: string) => {
    setAsked(undefined);
    void copyText(text).then((isDone) => {
      if (!isDone) setAsked({ text, waitsFor: 'focus' });
    });
  };
  return {
    asked,
    onCopyAsked(text) {
      if (memory?.clipboard === 'refuse') return;
      if (memory?.clipboard === 'allow') write(text);
      else setAsked({ text, waitsFor: 'consent' });
    },
    answer(answer) {
      if (answer === 'always') void changeHubMemory(hubId, () => ({ clipboard: 'allow' }));
      if (answer === 'never') void changeHubMemory(hubId, () => ({ clipboard: 'refuse' }));
      if (answer === 'never') setAsked(undefined);
      else if (asked) write(asked.text);
    },
  };
}

/** Puts text on the clipboard; false when the browser refused, because nobody looks at the page. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
