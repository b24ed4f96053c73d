import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserKey } from '../../protocol/hubs.ts';
import { bin } from '../paths.ts';
import { mustRun, run } from '../stack/run.ts';
import { rssMiB } from './processes.ts';
import type { Scene } from './scene.ts';
import { poll } from './within.ts';

const START_MS = 30_000;

interface TailscaleStatus {
  Peer?: Record<string, { PublicKey: string; CurAddr: string; Relay: string }>;
}

/** A native client beside the browser's: a tailscaled in user space that knows no way but the relay. */
export class NativeNode {
  readonly #directory: string;
  readonly #key: BrowserKey;
  readonly #scene: Scene;
  readonly #daemon;

  /** Starts the daemon, which joins nothing yet. */
  static async start(key: BrowserKey, scene: Scene): Promise<NativeNode> {
    const node = new NativeNode(await mkdtemp(path.join(tmpdir(), 'hubtab-native-')), key, scene);
    try {
      await poll(START_MS, 'tailscaled listens', () =>
        access(node.#socket).then(
          () => true,
          () => undefined,
        ),
      );
      const hostKeys = key.hub.hostKeys.map((hostKey) => `${key.hub.ip} ${hostKey}\n`);
      await writeFile(node.#knownHosts, hostKeys.join(''));
      return node;
    } catch (error) {
      await node.stop();
      throw error;
    }
  }

  private constructor(directory: string, key: BrowserKey, scene: Scene) {
    this.#directory = directory;
    this.#key = key;
    this.#scene = scene;
    const [program = '', ...args] = scene.command([
      path.join(bin, 'tailscaled'),
      '--tun=userspace-networking',
      `--statedir=${directory}`,
      `--socket=${this.#socket}`,
      '--port=0',
      '--no-logs-no-support',
    ]);
    this.#daemon = spawn(program, args, {
      stdio: 'ignore',
      env: { ...process.env, TS_DEBUG_ALWAYS_USE_DERP: 'true', ...scene.env },
    });
    this.#daemon.on('error', () => {}); // it shows: nothing listens
  }

  get #socket(): string {
    return path.join(this.#directory, 's');
  }
  get #knownHosts(): string {
    return path.join(this.#directory, 'known_hosts');
  }

  /** Joins, and returns when the hub is visible. */
  async join(): Promise<void> {
    const { authKey, controlUrl, hostname } = this.#key;
    await mustRun(
      path.join(bin, 'tailscale'),
      [
        `--socket=${this.#socket}`,
        'up',
        `--login-server=${controlUrl}`,
        `--auth-key=${authKey}`,
        `--hostname=${hostname}`,
        '--accept-dns=false',
        '--timeout=20s',
      ],
      { timeoutMs: START_MS },
    );
    await poll(START_MS, 'the hub is visible', () => this.#hub());
  }

  async #hub() {
    const { stdout } = await run(
      path.join(bin, 'tailscale'),
      [`--socket=${this.#socket}`, 'status', '--json'],
      { timeoutMs: START_MS },
    );
    const peers = Object.values((JSON.parse(stdout) as TailscaleStatus).Peer ?? {});
    return peers.find(({ PublicKey: nodeKey }) => nodeKey === this.#key.hub.nodeKey);
  }

  /** @throws Error when the hub is reached by another way than the relay, which would be another comparison */
  async mustBeRelayed(): Promise<void> {
    const hub = await this.#hub();
    if (!hub || hub.CurAddr !== '' || hub.Relay === '')
      throw new Error(`the native client does not use the relay: ${JSON.stringify(hub)}`);
  }

  /** The command line of an `ssh` that reaches the hub through this node and accepts its registered keys only. */
  ssh(connection: 'shared' | 'alone', ...more: string[]): string[] {
    const settings = [
      'BatchMode=yes',
      'LogLevel=ERROR',
      'StrictHostKeyChecking=yes',
      `UserKnownHostsFile=${this.#knownHosts}`,
      `ProxyCommand=${path.join(bin, 'tailscale')} --socket=${this.#socket} nc %h %p`,
      // Since OpenSSH 9.5 keys leave on a clock of 20 ms, and waiting for it is not the path's doing.
      'IgnoreUnknown=ObscureKeystrokeTiming',
      'ObscureKeystrokeTiming=no',
      ...(connection === 'shared'
        ? [
            'ControlMaster=auto',
            `ControlPath=${path.join(this.#directory, 'c')}`,
            'ControlPersist=no',
          ]
        : ['ControlPath=none']),
    ];
    return this.#scene.command([
      'ssh',
      '-F',
      '/dev/null',
      ...settings.flatMap((setting) => ['-o', setting]),
      '-l',
      this.#key.hub.sshUser,
      this.#key.hub.ip,
      ...more,
    ]);
  }

  rssMiB(): Promise<number> {
    const { pid } = this.#daemon;
    if (pid === undefined) throw new Error('tailscaled did not start');
    return rssMiB(pid);
  }

  /** Ends the daemon; the node is ephemeral and goes by itself. */
  async stop(): Promise<void> {
    if (this.#daemon.pid !== undefined && this.#daemon.exitCode === null) {
      const ended = once(this.#daemon, 'exit');
      this.#daemon.kill('SIGKILL');
      await ended;
    }
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }
}
