/** One thing that `hub doctor` looked at. */
export interface Finding {
  /** Stable, for scripts. */
  readonly id: string;
  /** A problem keeps the hub from working; a warning may, one day. */
  readonly level: 'ok' | 'warning' | 'problem';
  /** What was found, for people. */
  readonly text: string;
  /** A command that mends it; null if there is nothing to mend. */
  readonly fix: string | null;
}

export function ok(id: string, text: string): Finding {
  return { id, level: 'ok', text, fix: null };
}

export function problem(id: string, text: string, fix: string): Finding {
  return { id, level: 'problem', text, fix };
}

export function warning(id: string, text: string, fix: string): Finding {
  return { id, level: 'warning', text, fix };
}
