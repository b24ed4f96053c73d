import { i18n } from '#i18n';
import { Icon } from './icon.tsx';
import { useFocus } from './use-focus.ts';

interface PasteCardProps {
  text: string;
  onPaste: () => void;
  onCancel: () => void;
}

/** Lines that are shown of a paste; the rest is counted. */
const SHOWN_LINES = 8;

/** Asks before lines go to a program that runs each as it arrives. */
export function PasteCard({ text, onPaste, onCancel }: PasteCardProps) {
  const button = useFocus<HTMLButtonElement>();
  const lines = text.replace(/[\r\n]+$/, '').split(/\r\n|\r|\n/);
  const more = lines.length - SHOWN_LINES;
  return (
    <div
      class="card"
      role="alertdialog"
      aria-labelledby="paste-title"
      aria-describedby="paste-text"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel();
      }}
    >
      <h2 id="paste-title">{i18n.t('paste.title', lines.length)}</h2>
      <pre class="preview">
        {lines.slice(0, SHOWN_LINES).join('\n')}
        {more > 0 && `\n${i18n.t('paste.more', [more])}`}
      </pre>
      <p id="paste-text">{i18n.t('paste.runs')}</p>
      <div class="actions">
        <button type="button" class="button main" ref={button} onClick={onPaste}>
          {i18n.t('command.paste')}
          <Icon name="corner-down-left" isSmall />
        </button>
        <button type="button" class="button" onClick={onCancel}>
          {i18n.t('button.cancel')}
        </button>
      </div>
    </div>
  );
}
