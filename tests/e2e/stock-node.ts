import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bin } from '../../scripts/paths.ts';
import { run, type Finished } from '../../scripts/stack/run.ts';

/** A tailscaled as it comes, joined with whatever key a test has: it shows all that the key's owner could see and reach. */
export interface StockNode {
  /** Start of a command line for a shell: the program, and where its daemon listens. */
  command: string;
  tailscale(...args: string[]): Promise<Finished>;
  /** Joins; exit 0 when the network took the key. */
  up(key: { authKey: string; controlUrl: string }, ...more: string[]): Promise<Finished>;
  /** First addresses of all peers. */
  peers(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startStockNode(): Promise<StockNode> {
  const directory = await mkdtemp(path.join(tmpdir(), 'hubtab-stock-'));
  const socket = path.join(directory, 's');
  const daemon = spawn(
    path.join(bin, 'tailscaled'),
    ['--tun=userspace-networking', `--statedir=${directory}`, `--socket=${socket}`, '--port=0'],
    {
      stdio: 'ignore',
      env: { ...process.env, TS_DEBUG_USE_DERP_HTTP: '1', TS_NO_LOGS_NO_SUPPORT: 'true' },
    },
  );
  const tailscale = (...args: string[]) =>
    run(path.join(bin, 'tailscale'), [`--socket=${socket}`, ...args], { timeoutMs: 90_000 });
  return {
    command: `${path.join(bin, 'tailscale')} --socket=${socket}`,
    tailscale,
    up: ({ authKey, controlUrl }, ...more) =>
      tailscale(
        'up',
        `--login-server=${controlUrl}`,
        `--auth-key=${authKey}`,
        '--timeout=60s',
        ...more,
      ),
    async peers() {
      const { Peer: peers } = JSON.parse((await tailscale('status', '--json')).stdout) as {
        Peer?: Record<string, { TailscaleIPs: string[] }>;
      };
      return Object.values(peers ?? {}).map(({ TailscaleIPs: ips }) => ips[0] ?? '');
    },
    async stop() {
      daemon.kill();
      if (daemon.exitCode === null && daemon.signalCode === null) await once(daemon, 'exit');
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
