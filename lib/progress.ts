/** How far a program says that it is: OSC 9;4, which tmux passes on from 3.7. */
export interface Progress {
  state: 'going' | 'failed' | 'paused';
  /** 0 to 100; unset while nobody knows. */
  percent: number | undefined;
}

const STATES: Partial<Record<string, Progress['state']>> = {
  1: 'going',
  2: 'failed',
  3: 'going',
  4: 'paused',
};

/** @returns null when there is no progress any more; undefined for another OSC 9, or one that makes no sense */
export function progressOf(data: string): Progress | null | undefined {
  const [, code = '', digits] = /^4;([0-4])(?:;(\d{0,3}))?$/.exec(data) ?? [];
  if (code === '0') return null;
  const state = STATES[code];
  if (state === undefined) return undefined;
  const isKnown = code !== '3' && digits !== undefined && digits !== '';
  return { state, percent: isKnown ? Math.min(100, Number(digits)) : undefined };
}
