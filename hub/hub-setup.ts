import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import { OwnTailscaled } from './own-tailscaled.ts';
import { hubPaths } from './paths.ts';
import { requireOrdinaryUser, requireTmux } from './prerequisites.ts';
import { requireTailscale } from './tailscale-programs.ts';
import { SystemTailscaled } from './system-tailscaled.ts';
import { tmuxSocket } from './tmux-server.ts';
import type { CliContext } from './context.ts';
import type { HubFile } from './hub-file.ts';
import type { HubPaths } from './paths.ts';
import type { TailscalePrograms, TailscaleSource } from './tailscale-programs.ts';
import type { TmuxTarget } from './tmux.ts';
import type { Tailscaled } from './tailscaled.ts';

/** What a hub remembers of the daemon it uses. */
type UsedDaemon = Pick<HubFile, 'tailscaleDir' | 'systemSocket' | 'controlUrl'>;

/** What every command that brings the hub up needs, checked before anything is changed. */
export interface HubSetup {
  readonly context: CliContext;
  readonly paths: HubPaths;
  readonly sshUser: string;
  readonly tmux: TmuxTarget;
  readonly tmuxVersion: string;
  readonly tailscale: TailscalePrograms;
  readonly tailscaled: Tailscaled;
}

/** @throws HubtabError (prerequisite) with what is missing and how to get it. */
export async function checkPrerequisites(
  context: CliContext,
  source: TailscaleSource,
  hub: UsedDaemon | undefined,
): Promise<HubSetup> {
  const sshUser = requireOrdinaryUser('a hub');
  const tmux = await requireTmux(context.env);
  const paths = hubPaths(context.env);
  const programs = await requireTailscale(context, source);
  return {
    context,
    paths,
    sshUser,
    tmux: { path: tmux.path, socket: tmuxSocket(context.env) },
    tmuxVersion: tmux.version,
    tailscale: programs,
    tailscaled: makeTailscaled(paths, programs, hub, context),
  };
}

/** The daemon alone, for commands that must work although tmux is gone; undefined if its programs are gone too. */
export async function findTailscaled(
  context: CliContext,
  paths: HubPaths,
  hub: UsedDaemon | undefined,
): Promise<Tailscaled | undefined> {
  try {
    const programs = await requireTailscale(context, { remembered: hub?.tailscaleDir });
    return makeTailscaled(paths, programs, hub, context);
  } catch (error) {
    if (error instanceof HubtabError && error.exitCode === EXIT.prerequisite) return undefined;
    throw error;
  }
}

function makeTailscaled(
  paths: HubPaths,
  programs: TailscalePrograms,
  { systemSocket: socket, controlUrl }: UsedDaemon = {},
  { env }: CliContext,
): Tailscaled {
  return socket === undefined
    ? new OwnTailscaled(paths, programs, env)
    : new SystemTailscaled(paths, programs, { socket, controlUrl }, env);
}
