import { listCommand, parseSessions } from '../../lib/tmux.ts';
import { faultOfCommand, NO_TMUX_SERVER } from '../../lib/tmux-faults.ts';
import type { Result } from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';
import type { Session } from '../../protocol/sessions.ts';
import { faultOf } from './faults.ts';
import { runCommand } from './run-command.ts';
import type { AskBackground, Units } from './units.ts';

/** Where sessions are read: by the watch of the hub, while it runs, else by a command of its own. */
export interface SessionReading {
  units: Units;
  askBackground: AskBackground;
  watches: { list(hubId: HubId): Promise<Session[]> | undefined };
}

const reading = new Set<HubId>();

/** Reads the sessions of a hub, unless that is being done, and tells the background. Never rejects. */
export async function readSessions(from: SessionReading, hubId: HubId): Promise<void> {
  if (reading.has(hubId)) return;
  reading.add(hubId);
  await readAndTell(from, hubId).finally(() => reading.delete(hubId));
}

async function readAndTell(from: SessionReading, hubId: HubId): Promise<void> {
  const { units, askBackground, watches } = from;
  const result = await list(units, hubId, watches.list(hubId)).catch((error: unknown) => ({
    ok: false as const,
    error: faultOf(error),
  }));
  await askBackground('sessions', { hubId, result });
  if (result.ok) await units.measure(hubId);
}

async function list(
  units: Units,
  hubId: HubId,
  watched: Promise<Session[]> | undefined,
): Promise<Result<Session[]>> {
  // A watch that ends meanwhile leaves the question to a command of its own.
  const sessions = await watched?.catch(() => undefined);
  if (sessions) return { ok: true, value: sessions };
  const { end, stdout, stderr } = await runCommand(units, hubId, ({ tmux }) => listCommand(tmux));
  if (end.code === 0) return { ok: true, value: parseSessions(stdout) };
  if (NO_TMUX_SERVER.test(stderr)) return { ok: true, value: [] };
  return { ok: false, error: faultOfCommand(end, stderr) };
}
