import { i18n } from '#i18n';
import { StateIcon } from './state-icon.tsx';
import { durationText } from './times.ts';

interface EndedStripProps {
  how: 'exited' | 'detached';
  code: number | undefined;
  afterMs: number;
  onOtherSessions: () => void;
  onAttachAgain: () => void;
}

/** Ended is not lost: the last screen stays readable below. */
export function EndedStrip({
  how,
  code,
  afterMs,
  onOtherSessions,
  onAttachAgain,
}: EndedStripProps) {
  return (
    <div class="strip" role="status" data-state="ended" data-how={how}>
      <StateIcon state={(code ?? 0) === 0 ? 'done' : 'failed'} label="" />
      <span class="grow num">{endedSentence(how, code, afterMs)}</span>
      <button type="button" class="button small" onClick={onOtherSessions}>
        {i18n.t('action.otherSessions')}
      </button>
      {how === 'detached' && (
        <button type="button" class="button small" onClick={onAttachAgain}>
          {i18n.t('ended.attachAgain')}
        </button>
      )}
    </div>
  );
}

function endedSentence(
  how: 'exited' | 'detached',
  code: number | undefined,
  afterMs: number,
): string {
  const after = durationText(afterMs);
  if (how === 'detached') return i18n.t('ended.detached', { after });
  if (code === undefined) return i18n.t('ended.after', { after });
  return i18n.t('ended.exit', { code, after });
}
