import { MAX_HEARTBEAT_SESSIONS, MAX_SESSION_NAME } from '../protocol/hubs.ts';
import { AGENT_STATES } from './agent-state.ts';
import { listSessions } from './agent-sessions.ts';
import { sendHeartbeat } from './server-client.ts';
import { VERSION } from './version.ts';
import type { HubOrder } from '../protocol/hub-registration.ts';
import type { HubSession } from '../protocol/hubs.ts';
import type { Session } from './agent-sessions.ts';
import type { HubFile } from './hub-file.ts';
import type { HubSetup } from './hub-setup.ts';
import type { TailscaleStatus } from './tailscaled.ts';

/**
 * Tells the server that this hub lives: which node it is, its versions, and names and states of its sessions; never
 * what is on a screen, nor the questions.
 *
 * @returns orders of the server, from a closed list
 */
export async function beat(
  setup: HubSetup,
  hub: HubFile,
  token: string,
  status: TailscaleStatus,
): Promise<readonly HubOrder[]> {
  const sessions = await listSessions(setup.tmux, setup.context.env);
  const hostKeys = await setup.tailscaled.hostKeys();
  const { orders } = await sendHeartbeat(hub.serverUrl, token, {
    nodeKey: status.nodeKey,
    hostKeys: hostKeys.map((key) => key.line),
    tmux: { path: setup.tmux.path, socket: setup.tmux.socket },
    hubtabPath: setup.paths.launcher,
    versions: { hubtab: VERSION, tailscale: status.version, tmux: setup.tmuxVersion },
    sessions: toHeartbeatSessions(sessions),
  });
  return orders;
}

/** Those that need a person first, as many as a heartbeat may hold. */
function toHeartbeatSessions(sessions: readonly Session[]): HubSession[] {
  const urgency = ({ state }: Session) => AGENT_STATES.indexOf(state.state);
  return sessions
    .toSorted((one, other) => urgency(one) - urgency(other))
    .slice(0, MAX_HEARTBEAT_SESSIONS)
    .map(({ name, state, agent }) => ({
      name: [...name.replace(/\p{C}/gu, '?')].slice(0, MAX_SESSION_NAME).join(''),
      state: state.state,
      isAgent: agent !== undefined,
    }));
}
