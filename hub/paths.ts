import { createHash } from 'node:crypto';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { CliContext } from './context.ts';

/** Linux's sun_path holds 108 bytes, macOS's 104; below 100 leaves room for a temporary suffix. */
const MAX_SOCKET_PATH_BYTES = 100;

/** Where everything of this hub lives. All directories are 0700, all files 0600. */
export interface HubPaths {
  readonly stateDir: string;
  readonly hubFile: string;
  readonly keyFile: string;
  readonly lockFile: string;
  readonly agentLockFile: string;
  /** A script that runs hubtab with this hub's environment; what browsers call over SSH. */
  readonly launcher: string;
  /** Held by the one `hub run`. */
  readonly runLockFile: string;
  /** Is there after `hub down`, so that `hub run` keeps the hub offline, also after a restart of the machine. */
  readonly downFile: string;
  /** The one-use key, for as long as `tailscale up` runs. */
  readonly authKeyFile: string;
  /** State of our own tailscaled (`--statedir`). */
  readonly tailscaledDir: string;
  readonly tailscaledPidFile: string;
  readonly tailscaledLogFile: string;
  /** The directory of the socket is 0700, because tailscaled makes the socket itself 0666. */
  readonly socketDir: string;
  readonly socket: string;
}

/** Paths under the XDG state directory; a relative XDG_STATE_HOME is ignored, as its specification says. */
export function hubPaths(env: CliContext['env']): HubPaths {
  const xdg = env['XDG_STATE_HOME'];
  const base =
    xdg !== undefined && isAbsolute(xdg) ? xdg : join(env['HOME'] ?? homedir(), '.local', 'state');
  const stateDir = join(base, 'hubtab');
  const tailscaledDir = join(stateDir, 'tailscaled');
  const socketDir = socketDirectory(tailscaledDir, env);
  return {
    stateDir,
    hubFile: join(stateDir, 'hub.json'),
    keyFile: join(stateDir, 'hub-key.json'),
    lockFile: join(stateDir, 'hub.lock'),
    agentLockFile: join(stateDir, 'agent.lock'),
    launcher: join(stateDir, 'bin', 'hubtab'),
    runLockFile: join(stateDir, 'run.lock'),
    downFile: join(stateDir, 'down'),
    authKeyFile: join(stateDir, 'auth-key'),
    tailscaledDir,
    tailscaledPidFile: join(stateDir, 'tailscaled.pid'),
    tailscaledLogFile: join(stateDir, 'tailscaled.log'),
    socketDir,
    socket: join(socketDir, 'tailscaled.sock'),
  };
}

/** Where programs and what is not state of a hub live: `$XDG_DATA_HOME/hubtab`, else under `~/.local/share`. */
export function dataDirectory(env: CliContext['env']): string {
  const xdg = env['XDG_DATA_HOME'];
  const base =
    xdg !== undefined && isAbsolute(xdg) ? xdg : join(env['HOME'] ?? homedir(), '.local', 'share');
  return join(base, 'hubtab');
}

function socketDirectory(preferred: string, env: CliContext['env']): string {
  if (fits(preferred)) return preferred;
  const hash = createHash('sha256').update(preferred).digest('hex').slice(0, 12);
  const runtime = env['XDG_RUNTIME_DIR'];
  if (runtime !== undefined && isAbsolute(runtime)) {
    const inRuntime = join(runtime, `hubtab-${hash}`);
    if (fits(inRuntime)) return inRuntime;
  }
  return join(tmpdir(), `hubtab-${process.getuid?.() ?? 0}-${hash}`);
}

function fits(directory: string): boolean {
  return Buffer.byteLength(join(directory, 'tailscaled.sock')) < MAX_SOCKET_PATH_BYTES;
}
