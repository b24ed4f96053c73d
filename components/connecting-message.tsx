import { i18n } from '#i18n';
import type { ConnectStep } from './popup-view.ts';
import { StateIcon } from './state-icon.tsx';

interface ConnectingMessageProps {
  steps: ConnectStep[];
  /** Shown once it takes long: lists the hubs as far as they are known. */
  onDetails: (() => void) | undefined;
  onCancel: () => void;
}

/** The popup while the first connection of this browser session comes up. */
export function ConnectingMessage({ steps, onDetails, onCancel }: ConnectingMessageProps) {
  return (
    <main class="message connecting" data-state="connecting">
      <h1>{i18n.t('hub.connecting')}</h1>
      <ol class="steps" aria-live="polite">
        {steps.map((step) => (
          <li key={step.label} class={step.state}>
            <StepIcon state={step.state} />
            <span>{step.label}</span>
          </li>
        ))}
      </ol>
      <div class="actions">
        <button type="button" class="button" onClick={onCancel}>
          {i18n.t('button.cancel')}
        </button>
        {onDetails && (
          <button type="button" class="button plain" onClick={onDetails}>
            {i18n.t('button.details')}
          </button>
        )}
      </div>
    </main>
  );
}

interface StepIconProps {
  state: 'done' | 'now' | 'later';
}

/** A tick, a spinner or an empty ring. */
export function StepIcon({ state }: StepIconProps) {
  if (state === 'now')
    return <span class="spinner" role="img" aria-label={i18n.t('popup.stepNow')} />;
  return state === 'done' ? (
    <StateIcon state="done" />
  ) : (
    <StateIcon state="unknown" label={i18n.t('popup.stepLater')} />
  );
}
