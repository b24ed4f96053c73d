import { rmSync } from 'node:fs';
import type { CliContext } from './context.ts';
import type { HubPaths } from './paths.ts';
import type { Tailscaled } from './tailscaled.ts';

/**
 * Takes this machine out of the network and forgets the hub. hub.json goes last, so that a run that was killed is
 * simply run again. tmux and the agents stay.
 *
 * @param tailscaled undefined if its programs are gone; then there is nothing to log out with
 */
export async function leave(
  context: CliContext,
  paths: HubPaths,
  tailscaled: Tailscaled | undefined,
): Promise<void> {
  if (tailscaled && (await tailscaled.status())) {
    const problem = await tailscaled.logout();
    // The node then stays on the control server, offline, until the owner removes the hub.
    if (problem !== undefined) context.say(`The network did not confirm the logout: ${problem}`);
  }
  await tailscaled?.stop();
  for (const path of [
    paths.tailscaledDir,
    paths.socketDir,
    paths.tailscaledLogFile,
    paths.tailscaledPidFile,
    paths.keyFile,
    paths.hubFile,
  ]) {
    rmSync(path, { recursive: true, force: true });
  }
}
