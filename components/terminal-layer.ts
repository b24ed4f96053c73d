import type { TerminalState } from '../lib/terminal-state.ts';
import type { Fault } from '../protocol/contexts.ts';
import { TERMINAL_STEPS, type TerminalStep } from '../protocol/terminal-port.ts';

/** A gap shorter than this is nothing to a person; the screen just pauses. */
const QUIET_MS = 2000;
/** After this the wait is worth a card with cause and countdown. */
const LOST_MS = 10_000;
/** After this a step of connecting is slow enough to ask why. */
const SLOW_MS = 5000;

/** What lies over the terminal. */
export type TerminalLayer =
  | { kind: 'none' }
  | { kind: 'connecting'; steps: StepView[]; isSlow: boolean }
  /** A strip above the screen. */
  | { kind: 'reconnecting'; attempt: number }
  /** A card: over the dimmed screen, or instead of it (`isSolid`). */
  | { kind: 'lost'; fault: Fault; nextTryInS: number | undefined; isSolid: boolean }
  | { kind: 'failed'; fault: Fault; isSolid: boolean }
  | { kind: 'ended'; how: 'exited' | 'detached'; code: number | undefined; afterMs: number };

export interface StepView {
  step: TerminalStep;
  state: 'done' | 'now' | 'later';
  detail: string;
}

/** Faults after which the last screen is not to be trusted, or no longer the person's to see. */
const UNTRUSTED: ReadonlySet<Fault['code']> = new Set<Fault['code']>([
  'host-key-mismatch',
  'host-key-unlisted',
  'host-key-changed',
  'access-denied',
  'hub-removed',
]);

/** @param hadScreen whether this page ever showed the session, over all its connections */
export function terminalLayer(
  state: TerminalState,
  hadScreen: boolean,
  nowMs: number,
): TerminalLayer {
  switch (state.kind) {
    case 'connecting':
      if (hadScreen) return { kind: 'reconnecting', attempt: 1 };
      return connecting(state.done, nowMs - state.sinceMs);
    case 'open':
      return { kind: 'none' };
    case 'reconnecting':
      return reconnecting(state, hadScreen, nowMs);
    case 'failed': {
      const isSolid = !hadScreen || UNTRUSTED.has(state.fault.code);
      return { kind: 'failed', fault: state.fault, isSolid };
    }
    case 'ended':
      return { kind: 'ended', how: state.how, code: state.code, afterMs: state.afterMs };
  }
}

function reconnecting(
  state: Extract<TerminalState, { kind: 'reconnecting' }>,
  hadScreen: boolean,
  nowMs: number,
): TerminalLayer {
  const { fault, nextTryAtMs } = state;
  const goneMs = nowMs - state.sinceMs;
  const nextTryInS =
    nextTryAtMs === undefined ? undefined : Math.max(0, Math.ceil((nextTryAtMs - nowMs) / 1000));
  if (!hadScreen) {
    // The server knows about an offline hub for certain; anything else may pass within the quiet time.
    if (goneMs < QUIET_MS && fault.code !== 'hub-offline') return connecting([], goneMs);
    return { kind: 'lost', fault, nextTryInS, isSolid: true };
  }
  if (goneMs < QUIET_MS) return { kind: 'none' };
  if (goneMs < LOST_MS) return { kind: 'reconnecting', attempt: state.attempt + 1 };
  return { kind: 'lost', fault, nextTryInS, isSolid: false };
}

function connecting(
  done: { step: TerminalStep; detail?: string }[],
  takenMs: number,
): TerminalLayer {
  const details = new Map(done.map(({ step, detail }) => [step, detail ?? '']));
  const current = TERMINAL_STEPS.find((step) => !details.has(step));
  const steps = TERMINAL_STEPS.map((step): StepView => {
    const detail = details.get(step);
    if (detail !== undefined) return { step, state: 'done', detail };
    return { step, state: step === current ? 'now' : 'later', detail: '' };
  });
  return { kind: 'connecting', steps, isSlow: takenMs >= SLOW_MS };
}

/** Whether Enter means "try again" instead of being typed. */
export function retriesOnEnter(layer: TerminalLayer, canRetry: boolean): boolean {
  return (
    layer.kind === 'reconnecting' || layer.kind === 'lost' || (layer.kind === 'failed' && canRetry)
  );
}
