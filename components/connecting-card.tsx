import { StepIcon } from './connecting-message.tsx';
import type { StepView } from './terminal-layer.ts';
import type { TerminalStep } from '../protocol/terminal-port.ts';

interface ConnectingCardProps {
  hubName: string;
  sshUser: string;
  steps: StepView[];
  /** True once it takes so long that one wants to know why. */
  isSlow: boolean;
}

const SLOW_WORDS: Record<TerminalStep, string> = {
  network: 'Joining the private network takes longer than usual. Its control server may be slow.',
  hub: 'The network is there, the hub has not answered yet. Its machine may be asleep or busy.',
  'host-key': 'The hub answered and now proves who it is.',
  shell: 'The hub starts a shell. A slow login script on it can hold this up.',
  session: 'The shell is there and tmux has not drawn yet. The hub may be very busy.',
};

/** The steps of opening a terminal, each with a tick when it is done. */
export function ConnectingCard({ hubName, sshUser, steps, isSlow }: ConnectingCardProps) {
  const current = steps.find((step) => step.state === 'now');
  return (
    <div class="card flat" data-state="connecting">
      <h2>Connecting to {hubName || 'the hub'}</h2>
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
          <summary>Details</summary>
          <p>{SLOW_WORDS[current.step]}</p>
        </details>
      )}
    </div>
  );
}

function stepLabel(step: TerminalStep, sshUser: string): string {
  switch (step) {
    case 'network':
      return 'Private network';
    case 'hub':
      return 'Hub answers';
    case 'host-key':
      return 'Host key';
    case 'shell':
      return sshUser === '' ? 'Shell' : `Shell as ${sshUser}`;
    case 'session':
      return 'tmux session';
  }
}
