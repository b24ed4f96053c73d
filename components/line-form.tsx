import { i18n } from '#i18n';
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { useFocus } from './use-focus.ts';
import { WrongHint } from './wrong-hint.tsx';

/** What went wrong with the last try, in words. */
export interface FormError {
  code: string;
  sentence: string;
  /** What the button says now: "Try again" unless something fits better. */
  retryLabel?: string;
}

interface LineFormProps {
  name: string;
  label: string;
  /** False where a heading above says the same. */
  showsLabel?: boolean;
  placeholder?: string;
  initial?: string;
  submitLabel: string;
  isBusy: boolean;
  busyLabel: string;
  error: FormError | undefined;
  /** Stands between field and button. */
  children?: ComponentChildren;
  onSubmit: (text: string) => void;
  onCancel?: () => void;
}

/** A form of one line: an address, a code. */
export function LineForm(props: LineFormProps) {
  const { name, label, showsLabel = false, error, isBusy, onCancel } = props;
  const [text, setText] = useState(props.initial ?? '');
  const id = useId();
  const input = useFocus<HTMLInputElement>();
  const errorId = `${id}-error`;
  const submitLabel = error ? (error.retryLabel ?? i18n.t('button.tryAgain')) : props.submitLabel;
  return (
    <form
      class="line-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) props.onSubmit(text);
      }}
    >
      <div class="field">
        <label class={showsLabel ? '' : 'visually-hidden'} for={id}>
          {label}
        </label>
        <input
          class="input mono"
          id={id}
          name={name}
          type="text"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          ref={input}
          placeholder={props.placeholder}
          value={text}
          aria-invalid={error !== undefined}
          aria-describedby={error ? errorId : undefined}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {error && (
          <WrongHint id={errorId} fault={error.code}>
            {error.sentence}
          </WrongHint>
        )}
      </div>
      {props.children}
      <div class="actions">
        <button type="submit" class="button main" aria-disabled={isBusy}>
          {isBusy ? props.busyLabel : submitLabel}
          {!isBusy && <Icon name="corner-down-left" isSmall />}
        </button>
        {onCancel && (
          <button type="button" class="button plain" onClick={onCancel}>
            {i18n.t('button.cancel')}
          </button>
        )}
      </div>
    </form>
  );
}
