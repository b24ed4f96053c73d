/**
 * Exit codes of `hubtab`, part of its interface: scripts and service managers switch on them.
 *
 * | code | meaning |
 * | --- | --- |
 * | 0 | done, or nothing was left to do |
 * | 1 | failed; the sentence on stderr says at what |
 * | 2 | the command line was not understood |
 * | 3 | this machine has not joined (or has left) |
 * | 4 | the control server did not answer, or is not a Hubtab server |
 * | 5 | the server refused the token or the hub's key |
 * | 6 | something is missing on this machine: tmux, tailscaled, an ordinary user |
 * | 7 | in conflict with what is there: joined to another server, session name not an agent's |
 * | 8 | the private network did not come up |
 */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notJoined: 3,
  serverUnreachable: 4,
  refused: 5,
  prerequisite: 6,
  conflict: 7,
  network: 8,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
