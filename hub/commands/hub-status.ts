import { parseArgs } from 'node:util';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { findIn, pathDirectories } from '../find-program.ts';
import { readHubFile } from '../hub-file.ts';
import { findTailscaled } from '../hub-setup.ts';
import { hubPaths } from '../paths.ts';
import { runProgram } from '../run-program.ts';
import { isTmuxRunning, tmuxSocket } from '../tmux-server.ts';
import { VERSION } from '../version.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import type { HubPaths } from '../paths.ts';

/** What `hubtab hub status --json` prints; null where there is nothing to say. */
export interface HubStatus {
  readonly joined: boolean;
  readonly serverUrl: string | null;
  readonly hubId: string | null;
  readonly name: string | null;
  readonly online: boolean;
  readonly ip: string | null;
  readonly tailscaled: {
    readonly running: boolean;
    /** Tailscale's own word: NeedsLogin, Stopped, Starting, Running … */
    readonly backendState: string | null;
    readonly nodeKey: string | null;
    readonly socket: string;
  };
  readonly tmux: {
    readonly path: string | null;
    readonly socket: string;
    readonly running: boolean;
  };
  readonly versions: {
    readonly hubtab: string;
    readonly tailscale: string | null;
    readonly tmux: string | null;
  };
}

const usage = '[--json]';

export const statusCommand: Command = {
  verb: 'status',
  usage,
  summary: 'tell whether this machine has joined and is online (exit 3 if it has not joined)',
  async run(args, context) {
    const { values } = parseOrUsage('hub status', usage, () =>
      parseArgs({ args, options: { json: { type: 'boolean' } } }),
    );
    const status = await collectStatus(context, hubPaths(context.env));
    if (values.json) context.out(JSON.stringify(status, null, 2));
    else for (const line of describe(status)) context.out(line);
    return status.joined ? EXIT.ok : EXIT.notJoined;
  },
};

async function collectStatus(context: CliContext, paths: HubPaths): Promise<HubStatus> {
  const hub = readHubFile(paths);
  const tailscaled = await findTailscaled(context, paths, hub);
  const node = await tailscaled?.status();
  const socket = tmuxSocket(context.env);
  const tmux = findIn(pathDirectories(context.env), 'tmux');
  const tmuxVersion = tmux && (await runProgram(tmux, ['-V'])).stdout.trim().replace(/^tmux /, '');
  return {
    joined: hub !== undefined,
    serverUrl: hub?.serverUrl ?? null,
    hubId: hub?.hubId ?? null,
    name: hub?.name ?? null,
    online: node?.backendState === 'Running' && node.online,
    ip: node?.ips[0] ?? null,
    tailscaled: {
      running: node !== undefined,
      backendState: node?.backendState ?? null,
      nodeKey: node?.nodeKey ?? null,
      socket: tailscaled?.socket ?? paths.socket,
    },
    tmux: {
      path: tmux ?? null,
      socket,
      running: tmux !== undefined && (await isTmuxRunning({ path: tmux, socket }, context.env)),
    },
    versions: { hubtab: VERSION, tailscale: node?.version ?? null, tmux: tmuxVersion ?? null },
  };
}

function describe(status: HubStatus): string[] {
  const { tailscaled, tmux, versions } = status;
  return [
    status.joined
      ? `hub         ${status.name} (${status.hubId}) on ${status.serverUrl}`
      : 'hub         not joined',
    `network     ${status.online ? `online at ${status.ip}` : 'offline'}`,
    `tailscaled  ${tailscaled.running ? `${tailscaled.backendState}, ${versions.tailscale}` : 'not running'}`,
    `tmux        ${tmux.running ? 'running' : 'not running'}, ${versions.tmux ?? 'not installed'}, ${tmux.socket}`,
    `hubtab      ${versions.hubtab}`,
  ];
}
