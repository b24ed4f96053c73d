import { listCommand, parseSessions } from '../../lib/tmux.ts';
import { faultOfCommand, NO_TMUX_SERVER } from '../../lib/tmux-faults.ts';
import type { Result } from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';
import type { Session } from '../../protocol/sessions.ts';
import { faultOf } from './faults.ts';
import { runCommand } from './run-command.ts';
import type { AskBackground, Units } from './units.ts';

const reading = new Set<HubId>();

/** Reads the sessions of a hub, unless that is being done, and tells the background. Never rejects. */
export async function readSessions(
  units: Units,
  hubId: HubId,
  askBackground: AskBackground,
): Promise<void> {
  if (reading.has(hubId)) return;
  reading.add(hubId);
  await readAndTell(units, hubId, askBackground).finally(() => reading.delete(hubId));
}

async function readAndTell(
  units: Units,
  hubId: HubId,
  askBackground: AskBackground,
): Promise<void> {
  const result = await list(units, hubId).catch((error: unknown) => ({
    ok: false as const,
    error: faultOf(error),
  }));
  await askBackground('sessions', { hubId, result });
  if (result.ok) await units.measure(hubId);
}

async function list(units: Units, hubId: HubId): Promise<Result<Session[]>> {
  const { end, stdout, stderr } = await runCommand(units, hubId, ({ tmux }) => listCommand(tmux));
  if (end.code === 0) return { ok: true, value: parseSessions(stdout) };
  if (NO_TMUX_SERVER.test(stderr)) return { ok: true, value: [] };
  return { ok: false, error: faultOfCommand(end, stderr) };
}
