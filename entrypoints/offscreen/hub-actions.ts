import {
  DUPLICATE_SESSION,
  renameCommand,
  SHELL_SESSION,
  startAgentCommand,
  startedSession,
  startShellCommand,
  stopCommand,
} from '../../lib/agent-commands.ts';
import type { Fault, OffscreenMessages, Result, UnitCredentials } from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';
import { faultOf } from './faults.ts';
import { runCommand } from './run-command.ts';
import type { Units } from './units.ts';

type Actions = Pick<
  OffscreenMessages,
  'start-agent' | 'start-shell' | 'stop-session' | 'rename-session'
>;

/** What a person has done on a hub without a terminal. Each answers when the hub has done it. */
export function hubActions(units: Units): {
  [K in keyof Actions]: (ask: Actions[K]['ask']) => Promise<Actions[K]['reply']>;
} {
  return {
    'start-agent': async ({ hubId, request }) => {
      const done = await run(units, hubId, (hub) => startAgentCommand(hub, request));
      if (!done.ok) return done;
      try {
        return { ok: true, value: { session: startedSession(done.value) } };
      } catch (error) {
        return { ok: false, error: { code: 'agent-refused', detail: String(error) } };
      }
    },
    'start-shell': async ({ hubId }) => {
      const done = await run(units, hubId, startShellCommand);
      if (done.ok || DUPLICATE_SESSION.test(done.error.detail))
        return { ok: true, value: { session: SHELL_SESSION } };
      return done;
    },
    'stop-session': async ({ hubId, session, isAgent }) =>
      nothing(await run(units, hubId, (hub) => stopCommand(hub, session, isAgent))),
    'rename-session': async ({ hubId, session, name }) =>
      nothing(await run(units, hubId, (hub) => renameCommand(hub, session, name))),
  };
}

async function run(
  units: Units,
  hubId: HubId,
  command: (hub: UnitCredentials['hub']) => string,
): Promise<Result<Uint8Array>> {
  try {
    const { end, stdout, stderr } = await runCommand(units, hubId, command);
    if (end.code === 0) return { ok: true, value: stdout };
    return { ok: false, error: refusal(end, stderr) };
  } catch (error) {
    return { ok: false, error: faultOf(error) };
  }
}

/** Why the hub did not do it. Its own sentence is what helps: it names the missing checkout, or the session in the way. */
function refusal(end: { code?: number; reason: string }, stderr: string): Fault {
  const detail = stderr
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim()
    .slice(0, 400);
  if (end.reason !== 'exited') return { code: end.reason as Fault['code'], detail };
  if (end.code === 126 || end.code === 127) return { code: 'hubtab-missing', detail };
  return { code: 'agent-refused', detail };
}

function nothing(done: Result<Uint8Array>): Result<null> {
  return done.ok ? { ok: true, value: null } : done;
}
