import { i18n } from '#i18n';
import { useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

interface CopyLineProps {
  text: string;
  onCopy: (text: string) => Promise<void>;
}

/** A line to run elsewhere: whole, never cut, with a button that copies it. */
export function CopyLine({ text, onCopy }: CopyLineProps) {
  const [outcome, setOutcome] = useState<'idle' | 'copied' | 'refused'>('idle');
  const copy = () => {
    onCopy(text).then(
      () => setOutcome('copied'),
      () => setOutcome('refused'),
    );
  };
  return (
    <div class="copy-line">
      <code>{text}</code>
      <button type="button" class="button small" onClick={copy}>
        <Icon name="copy" isSmall />
        <span aria-live="polite">{COPY_LABELS[outcome]}</span>
      </button>
    </div>
  );
}

const COPY_LABELS = {
  idle: i18n.t('copy.idle'),
  copied: i18n.t('copy.copied'),
  refused: i18n.t('copy.refused'),
};
