import { useState } from 'preact/hooks';
import type { RefObject } from 'preact';
import { i18n } from '#i18n';
import { count } from '../../components/times.ts';
import { answerText, lastAnswer } from '../../lib/last-answer.ts';
import type { Capture } from './use-capture.ts';

interface LastAnswerUse {
  copy: () => void;
  /** What came of the last copy; empty before. */
  said: string;
}

/** Copies the last answer, and selects its lines so that one sees what was taken for it. */
export function useLastAnswer(
  capture: Capture | undefined,
  texts: readonly string[],
  root: RefObject<HTMLElement>,
): LastAnswerUse {
  const [done, setDone] = useState<{ capture: Capture; said: string }>();
  return {
    said: done && done.capture === capture ? done.said : '',
    copy() {
      if (!capture) return;
      const say = (said: string) => setDone({ capture, said });
      const answer = lastAnswer(texts, capture.marks);
      if (!answer) {
        say(i18n.t('history.noAnswer'));
        return;
      }
      select(root.current, answer);
      const lines = count(answer.last - answer.first + 1, 'line');
      navigator.clipboard.writeText(answerText(texts, answer)).then(
        () => say(i18n.t('history.answerCopied', { lines })),
        () => say(i18n.t('copy.refused')),
      );
    },
  };
}

function select(root: HTMLElement | null, { first, last }: { first: number; last: number }): void {
  const [from, to] = [first, last].map((line) =>
    root?.querySelector(`[data-line="${line + 1}"] > span`),
  );
  if (!from || !to) return;
  getSelection()?.setBaseAndExtent(from, 0, to, to.childNodes.length);
  to.scrollIntoView({ block: 'nearest' });
}
