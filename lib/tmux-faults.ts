import type { Fault } from '../protocol/contexts.ts';

/** What tmux says when nobody has started a session (tmux client.c, cmd-find.c). */
export const NO_TMUX_SERVER = /no server running on|error connecting to|no current target/;

/** What tmux says when its server runs, but has no such session (tmux cmd-find.c). */
const NO_SESSION = /can't find session/;

/** What a shell says when the program is not there, with exit 127, or 126 when it may not be run (POSIX sh, 2.8.2). */
const NOT_FOUND_CODES: readonly (number | undefined)[] = [126, 127];

/** Why a tmux command on a hub failed, from its end and what it wrote. */
export function faultOfCommand(
  end: { code?: number; signal?: string; reason: string },
  text: string,
): Fault {
  const detail = `exit ${end.code ?? end.signal ?? end.reason}: ${printable(text)}`;
  if (NOT_FOUND_CODES.includes(end.code)) return { code: 'tmux-missing', detail };
  if (NO_SESSION.test(text) || NO_TMUX_SERVER.test(text)) return { code: 'session-gone', detail };
  if (end.reason !== 'exited' && end.reason !== 'closed')
    return { code: end.reason as Fault['code'], detail };
  return { code: 'internal', detail };
}

/** The text without control characters, cut to what fits a details view. */
function printable(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim()
    .slice(0, 300);
}
