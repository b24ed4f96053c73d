import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
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
  rmSync(paths.socketDir, { recursive: true, force: true });
  for (const name of listState(paths)) {
    rmSync(join(paths.stateDir, name), { recursive: true, force: true });
  }
  rmSync(paths.hubFile, { force: true });
}

/** Everything but the hub's file and the locks, which somebody may hold; also what a killed run left. */
function listState(paths: HubPaths): string[] {
  const locks = [paths.lockFile, paths.agentLockFile, paths.runLockFile];
  const kept = [paths.hubFile, ...locks].map((path) => basename(path));
  if (!existsSync(paths.stateDir)) return [];
  return readdirSync(paths.stateDir).filter(
    (name) =>
      !kept.some((each) => name === each || name.startsWith(`${each}.`)) || name.endsWith('.tmp'),
  );
}
