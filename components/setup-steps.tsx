import { i18n } from '#i18n';
import type { ComponentChildren } from 'preact';
import { Mark } from './mark.tsx';
import { SETUP_STEPS, SETUP_TITLES, type SetupStep } from './setup-view.ts';
import { StateIcon } from './state-icon.tsx';

interface SetupStepsProps {
  step: SetupStep;
  /** What done steps fold to: the server's name, the email, the hub. */
  done: Record<(typeof SETUP_STEPS)[number], ComponentChildren>;
  /** The body of the present step, or under the last one when all is done. */
  children: ComponentChildren;
}

/** The first run: three numbered steps, the present one open. */
export function SetupSteps({ step, done, children }: SetupStepsProps) {
  const current = step === 'ready' ? SETUP_STEPS.length : SETUP_STEPS.indexOf(step);
  return (
    <main class="setup" data-step={step}>
      <div class="head">
        <Mark />
        <h1>{step === 'ready' ? i18n.t('setup.ready') : i18n.t('setup.title')}</h1>
        {step !== 'ready' && (
          <span class="num">{i18n.t('setup.progress', { step: current + 1 })}</span>
        )}
      </div>
      <ol class="setup-steps">
        {SETUP_STEPS.map((name, index) => (
          <li
            key={name}
            class={placeOf(index, current)}
            aria-current={index === current ? 'step' : undefined}
          >
            <span class="n">{index < current ? <StateIcon state="done" /> : index + 1}</span>
            {index < current ? (
              <div class="sum">{done[name]}</div>
            ) : (
              <div>
                <h2>{SETUP_TITLES[name]}</h2>
                {index === current && <div class="body">{children}</div>}
              </div>
            )}
          </li>
        ))}
      </ol>
      {step === 'ready' && children}
    </main>
  );
}

function placeOf(index: number, current: number): string {
  if (index < current) return 'past';
  return index === current ? 'now' : 'later';
}
