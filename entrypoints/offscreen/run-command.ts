import type { HubId } from '../../protocol/ids.ts';
import type { UnitCredentials } from '../../protocol/contexts.ts';
import type { ChannelEnd } from '../../wasm/node.d.ts';
import type { Units } from './units.ts';

/** Most output a short command may give; a list of a thousand sessions is a tenth of it. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

export interface Finished {
  end: ChannelEnd;
  stdout: Uint8Array;
  stderr: string;
}

/**
 * Runs a short command on a hub, without a PTY.
 * @throws FaultError, TailnetError when it could not be started
 */
export async function runCommand(
  units: Units,
  hubId: HubId,
  command: (hub: UnitCredentials['hub']) => string,
): Promise<Finished> {
  const { channel } = await units.open(hubId, (hub) => ({
    user: hub.sshUser,
    command: command(hub),
  }));
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  channel.onData((bytes) => stdout.push(bytes));
  channel.onStderr((bytes) => stderr.push(bytes));
  channel.grant(MAX_OUTPUT_BYTES);
  const end = await channel.closed;
  return { end, stdout: join(stdout), stderr: new TextDecoder().decode(join(stderr)) };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
