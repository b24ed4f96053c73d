import type { ComponentChildren } from 'preact';
import { Mark } from './mark.tsx';
import { useFocus } from './use-focus.ts';

interface MessageProps {
  title: string;
  children: ComponentChildren;
  /** The likely next step, drawn as the main button. */
  action?: { label: string; onClick: () => void };
  /** For tests: which message this is. */
  state: string;
}

/** The popup when there is nothing to list: a sentence and the next step. */
export function Message({ title, children, action, state }: MessageProps) {
  const button = useFocus<HTMLButtonElement>();
  return (
    <main class="message" data-state={state}>
      <Mark />
      <h1>{title}</h1>
      {children}
      {action && (
        <div class="actions">
          <button type="button" class="button main" onClick={action.onClick} ref={button}>
            {action.label}
          </button>
        </div>
      )}
    </main>
  );
}
