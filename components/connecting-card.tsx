import { i18n } from '#i18n';
import { StepIcon } from './connecting-message.tsx';
import { messageKey } from './message-key.ts';
import type { StepView } from './terminal-layer.ts';
import type { TerminalStep } from '../protocol/terminal-port.ts';

interface ConnectingCardProps {
  hubName: string;
  sshUser: string;
  steps: StepView[];
  /** True once it takes so long that one wants to know why. */
  isSlow: boolean;
}

/** The steps of opening a terminal, each with a tick when it is done. */
export function ConnectingCard({ hubName, sshUser, steps, isSlow }: ConnectingCardProps) {
  const current = steps.find((step) => step.state === 'now');
  return (
    <div class="card flat" data-state="connecting">
      <h2>{i18n.t('connecting.title', { hub: hubName || i18n.t('someone.hub') })}</h2>
      <ol class="steps" aria-live="polite">
        {steps.map(({ step, state, detail }) => (
          <li key={step} class={state} data-step={step} data-state={state}>
            <StepIcon state={state} />
            <span>{stepLabel(step, sshUser)}</span>
            <span class="muted num cut">{detail}</span>
          </li>
        ))}
      </ol>
      {isSlow && current && (
        <details class="details">
          <summary>{i18n.t('button.details')}</summary>
          <p>{i18n.t(`connecting.slow.${messageKey(current.step)}`)}</p>
        </details>
      )}
    </div>
  );
}

function stepLabel(step: TerminalStep, sshUser: string): string {
  switch (step) {
    case 'network':
      return i18n.t('popup.stepNetwork');
    case 'hub':
      return i18n.t('connecting.hub');
    case 'host-key':
      return i18n.t('connecting.hostKey');
    case 'shell':
      return sshUser === '' ? i18n.t('connecting.shell') : i18n.t('hub.shellAs', { user: sshUser });
    case 'session':
      return i18n.t('connecting.session');
  }
}
