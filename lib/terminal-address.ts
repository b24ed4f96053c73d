import type { Fault, Result } from '../protocol/contexts.ts';
import { HubId } from '../protocol/ids.ts';
import { isSessionName } from './tmux.ts';

/** Address of the page that shows one session: `terminal.html#<hubId>/<session>`. */
export function terminalAddress(hubId: HubId, session: string): `/terminal.html#${string}` {
  return `/terminal.html#${hubId}/${encodeURIComponent(session)}`;
}

/** Address of the page with a session's scrollback: `history.html?find=…#<hubId>/<session>`. */
export function historyAddress(
  hubId: HubId,
  session: string,
  query = '',
): `/history.html${string}` {
  const find = query === '' ? '' : `?find=${encodeURIComponent(query)}`;
  return `/history.html${find}#${hubId}/${encodeURIComponent(session)}`;
}

/** Reads the fragment of such an address. It is hostile input: any page may link to it. */
export function parseTerminalAddress(hash: string): Result<{ hubId: HubId; session: string }> {
  const refuse = (code: Fault['code'], detail: string) => ({
    ok: false as const,
    error: { code, detail },
  });
  const [hubId = '', encoded = ''] = hash.replace(/^#/, '').split(/\/(.*)/s);
  if (!HubId.safeParse(hubId).success) return refuse('bad-address', 'no hub id in the address');
  let session: string;
  try {
    session = decodeURIComponent(encoded);
  } catch {
    return refuse('session-name-refused', 'the session name is not valid percent-encoding');
  }
  if (!isSessionName(session))
    return refuse('session-name-refused', `not a tmux session name: ${JSON.stringify(session)}`);
  return { ok: true, value: { hubId, session } };
}

/** Lines of a history page that its address points at; both ends count. */
export interface LineRange {
  first: number;
  last: number;
}

/** Reads the fragment of a history page: as a terminal's, with `/L12` or `/L12-L20` at its end. Hostile input too. */
export function parseHistoryAddress(
  hash: string,
): Result<{ hubId: HubId; session: string; lines?: LineRange }> {
  const [, rest = '', from, to] = /^(.*?)(?:\/L(\d{1,9})(?:-L(\d{1,9}))?)?$/s.exec(hash) ?? [];
  const parsed = parseTerminalAddress(rest);
  if (!parsed.ok || from === undefined) return parsed;
  const ends = [Number(from), Number(to ?? from)];
  const lines = { first: Math.min(...ends), last: Math.max(...ends) };
  return { ok: true, value: { ...parsed.value, lines } };
}

/** The end of such a fragment. */
export function lineFragment({ first, last }: LineRange): string {
  return first === last ? `/L${first}` : `/L${first}-L${last}`;
}
