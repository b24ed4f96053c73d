import { fingerprintsIn } from '../lib/fingerprints.ts';

/** Whether what a hub printed about itself names the key that was offered in its name. */
export type HostKeyVerdict =
  /** There is no whole fingerprint in it yet. */
  | 'unfinished'
  | 'same'
  /** The hub has another key: somebody else offered this one. */
  | 'other';

/** @param printed what a person pasted or typed: one line of `hubtab hub key`, or all of them */
export function hostKeyVerdict(printed: string, offered: string): HostKeyVerdict {
  const found = fingerprintsIn(printed);
  if (found.length === 0) return 'unfinished';
  return found.includes(offered) ? 'same' : 'other';
}
