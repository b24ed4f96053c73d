import { i18n } from '#i18n';
import { useId } from 'preact/hooks';
import type { FormError } from './line-form.tsx';
import { useModal } from './use-modal.ts';
import { WrongHint } from './wrong-hint.tsx';

interface ConfirmDialogProps {
  title: string;
  sentence: string;
  confirmLabel: string;
  isBusy: boolean;
  error: FormError | undefined;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Asks before something that cannot be taken back. The browser's dialog takes the focus and gives it back. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, sentence, confirmLabel, isBusy, error, onConfirm, onCancel } = props;
  const dialog = useModal();
  const id = useId();
  return (
    <dialog
      class="dialog"
      ref={dialog}
      role="alertdialog"
      aria-labelledby={id}
      aria-describedby={`${id}-text`}
      onCancel={(event) => {
        event.preventDefault();
        onCancel();
      }}
    >
      <h2 id={id}>{title}</h2>
      <p id={`${id}-text`}>{sentence}</p>
      {error && <WrongHint fault={error.code}>{error.sentence}</WrongHint>}
      <div class="actions">
        <button type="button" class="button" autofocus onClick={onCancel}>
          {i18n.t('button.cancel')}
        </button>
        <button type="button" class="button danger" aria-disabled={isBusy} onClick={onConfirm}>
          {confirmLabel}
        </button>
      </div>
    </dialog>
  );
}
