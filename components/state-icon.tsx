import type { JSX } from 'preact';
import { STATE_LABELS, type ShownState } from './session-view.ts';

const SHAPES: Record<ShownState, JSX.Element> = {
  waiting: <path d="M6 .6 11.4 6 6 11.4.6 6z" fill="currentColor" />,
  working: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
  done: (
    <path
      d="m1.5 6.4 3 3 6-6.6"
      fill="none"
      stroke="currentColor"
      stroke-width="1.9"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  ),
  failed: (
    <path
      d="m2.2 2.2 7.6 7.6m0-7.6-7.6 7.6"
      stroke="currentColor"
      stroke-width="1.9"
      stroke-linecap="round"
    />
  ),
  unknown: <circle cx="6" cy="6" r="3.9" fill="none" stroke="currentColor" stroke-width="1.5" />,
  offline: (
    <circle
      cx="6"
      cy="6"
      r="3.9"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-dasharray="2 2.08"
    />
  ),
};

interface StateIconProps {
  state: ShownState;
  /** What it is read as; the state's name unless given. Empty hides it from screen readers. */
  label?: string;
}

/** The state of an agent: shape before colour. */
export function StateIcon({ state, label = STATE_LABELS[state] }: StateIconProps) {
  const spoken =
    label === '' ? { 'aria-hidden': true } : { role: 'img' as const, 'aria-label': label };
  return (
    <svg class={`state ${state}`} viewBox="0 0 12 12" {...spoken}>
      {SHAPES[state]}
    </svg>
  );
}
