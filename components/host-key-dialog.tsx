import { useId, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { HostKeyReport } from '../protocol/tailnet-error.ts';
import { Fingerprints } from './fingerprints.tsx';
import { hostKeyVerdict } from './host-key-verdict.ts';
import type { FormError } from './line-form.tsx';
import { useModal } from './use-modal.ts';
import { WrongHint } from './wrong-hint.tsx';

interface HostKeyDialogProps {
  hubName: string;
  report: HostKeyReport;
  isBusy: boolean;
  error: FormError | undefined;
  onTrust: () => void;
  onClose: () => void;
}

/** Compares the key that was offered with what the hub itself prints. Only a match wakes the button. */
export function HostKeyDialog(props: HostKeyDialogProps) {
  const { hubName, report, isBusy, error, onTrust, onClose } = props;
  const [printed, setPrinted] = useState('');
  const dialog = useModal();
  const id = useId();
  const verdict = hostKeyVerdict(printed, report.offered);
  return (
    <dialog
      class="dialog wide"
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={id}>{i18n.t('hostKey.title', { hub: hubName })}</h2>
      <p>
        {i18n.t('hostKey.run')} <code>hubtab hub key</code>
      </p>
      <Fingerprints {...report} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (verdict === 'same' && !isBusy) onTrust();
        }}
      >
        <div class="field">
          <label for={`${id}-printed`}>{i18n.t('hostKey.printed')}</label>
          <input
            class="input mono"
            id={`${id}-printed`}
            name="printed"
            type="text"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            autofocus
            placeholder="SHA256:"
            value={printed}
            aria-invalid={verdict === 'other'}
            aria-describedby={`${id}-verdict`}
            onInput={(event) => setPrinted(event.currentTarget.value)}
          />
          <span id={`${id}-verdict`} data-verdict={verdict}>
            {verdict === 'unfinished' && <span class="hint">{i18n.t('hostKey.whole')}</span>}
            {verdict === 'same' && <span class="hint">{i18n.t('hostKey.same')}</span>}
            {verdict === 'other' && <WrongHint>{i18n.t('hostKey.other')}</WrongHint>}
          </span>
          {error && <WrongHint fault={error.code}>{error.sentence}</WrongHint>}
        </div>
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            {i18n.t('hostKey.keepBlocking')}
          </button>
          <button type="submit" class="button main" disabled={verdict !== 'same'}>
            {i18n.t(isBusy ? 'hub.connecting' : 'hostKey.trust')}
          </button>
        </div>
      </form>
    </dialog>
  );
}
