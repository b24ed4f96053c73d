/**
 * A version of tmux as a number that can be compared: 303 for 3.3.
 * @param version as `#{version}` says it: `3.3a`, `3.7c`, `next-3.8`; one that cannot be read counts as 3.3
 */
export function tmuxNumber(version: string): number {
  const [, major = '3', minor = '3'] = /(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) * 100 + Number(minor);
}
