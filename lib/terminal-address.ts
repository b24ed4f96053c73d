import type { Fault, Result } from '../protocol/contexts.ts';
import { HubId } from '../protocol/ids.ts';
import { isSessionName } from './tmux.ts';

/** Address of the page that shows one session: `terminal.html#<hubId>/<session>`. */
export function terminalAddress(hubId: HubId, session: string): `/terminal.html#${string}` {
  return `/terminal.html#${hubId}/${encodeURIComponent(session)}`;
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
