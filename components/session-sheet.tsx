import { useId, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { isNewName } from '../lib/agent-commands.ts';
import type { OpenWhere } from '../protocol/contexts.ts';
import type { FormError } from './line-form.tsx';
import type { SessionRow } from './session-view.ts';
import { StateIcon } from './state-icon.tsx';
import { useModal } from './use-modal.ts';
import { WrongHint } from './wrong-hint.tsx';

interface SessionSheetProps {
  row: SessionRow;
  isAgent: boolean;
  isBusy: boolean;
  error: FormError | undefined;
  onOpen: (where: OpenWhere) => void;
  onRename: (name: string) => void;
  onStop: () => void;
  onClose: () => void;
}

/** What can be done with one session, besides opening it where it is. The browser's dialog holds the focus. */
export function SessionSheet(props: SessionSheetProps) {
  const { row, onClose } = props;
  const [step, setStep] = useState<'menu' | 'rename' | 'stop'>('menu');
  const dialog = useModal();
  const id = useId();
  const name = `${row.label.name} ${row.label.issue}`.trim();
  return (
    <dialog
      class="sheet"
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={id} class="row">
        <StateIcon state={row.state} />
        <span class="cut" title={name}>
          {step === 'stop' ? i18n.t('sheet.stopTitle', { session: name }) : name}
        </span>
        <span class="muted cut where">{row.hubName}</span>
      </h2>
      {step === 'menu' && <Menu {...props} onStep={setStep} />}
      {step === 'rename' && <Rename {...props} />}
      {step === 'stop' && <Stop {...props} />}
    </dialog>
  );
}

function Menu({
  onOpen,
  onStep,
  onClose,
}: SessionSheetProps & { onStep: (step: 'rename' | 'stop') => void }) {
  return (
    <div class="choices menu">
      <button type="button" class="button plain" autofocus onClick={() => onOpen('focus')}>
        {i18n.t('sheet.open')}
      </button>
      <button type="button" class="button plain" onClick={() => onOpen('new-tab')}>
        {i18n.t('sheet.newTab')}
      </button>
      <button type="button" class="button plain" onClick={() => onOpen('window')}>
        {i18n.t('sheet.window')}
      </button>
      <button type="button" class="button plain" onClick={() => onStep('rename')}>
        {i18n.t('sheet.rename')}
      </button>
      <button type="button" class="button plain" onClick={() => onStep('stop')}>
        {i18n.t('sheet.stop')}
      </button>
      <button type="button" class="button plain" onClick={onClose}>
        {i18n.t('sheet.close')}
      </button>
    </div>
  );
}

function Rename({ row, isBusy, error, onRename, onClose }: SessionSheetProps) {
  const [name, setName] = useState(row.session);
  const [isWrong, setWrong] = useState(false);
  const id = useId();
  const submit = (event: Event) => {
    event.preventDefault();
    if (isBusy) return;
    setWrong(!isNewName(name));
    if (isNewName(name)) onRename(name);
  };
  return (
    <form class="choices" noValidate onSubmit={submit}>
      <div class="field">
        <label for={id}>{i18n.t('sheet.renameTo')}</label>
        <input
          class="input mono"
          id={id}
          name="session"
          type="text"
          autofocus
          autocomplete="off"
          spellcheck={false}
          value={name}
          aria-invalid={isWrong}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        {isWrong && <WrongHint>{i18n.t('sheet.badName')}</WrongHint>}
        {error && <WrongHint fault={error.code}>{error.sentence}</WrongHint>}
      </div>
      <Ends
        label={isBusy ? i18n.t('sheet.renaming') : i18n.t('sheet.rename')}
        tone="main"
        isBusy={isBusy}
        onClose={onClose}
      />
    </form>
  );
}

function Stop({ isAgent, isBusy, error, onStop, onClose }: SessionSheetProps) {
  const submit = (event: Event) => {
    event.preventDefault();
    if (!isBusy) onStop();
  };
  return (
    <form class="choices" onSubmit={submit}>
      <p class="muted">{isAgent ? i18n.t('sheet.stopAgent') : i18n.t('sheet.stopSession')}</p>
      {error && <WrongHint fault={error.code}>{error.sentence}</WrongHint>}
      <Ends
        label={isBusy ? i18n.t('sheet.stopping') : i18n.t('sheet.stop')}
        tone="danger"
        isBusy={isBusy}
        onClose={onClose}
      />
    </form>
  );
}

interface EndsProps {
  label: string;
  tone: 'main' | 'danger';
  isBusy: boolean;
  onClose: () => void;
}

function Ends({ label, tone, isBusy, onClose }: EndsProps) {
  return (
    <div class="actions">
      <button type="button" class="button" autofocus={tone === 'danger'} onClick={onClose}>
        {i18n.t('button.cancel')}
      </button>
      <button type="submit" class={`button ${tone}`} aria-disabled={isBusy}>
        {label}
      </button>
    </div>
  );
}
