import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { until } from './until.ts';

const run = promisify(execFile);
const BIN = join(import.meta.dirname, '..', '..', '..', '.hubtab', 'bin');

const Status = z.object({
  BackendState: z.string(),
  Self: z.object({ PublicKey: z.string(), TailscaleIPs: z.array(z.string()).nullish() }),
  Peer: z.record(z.string(), z.object({ PublicKey: z.string() })).nullish(),
});
export type Status = z.infer<typeof Status>;

interface NodeKey {
  authKey: string;
  controlUrl: string;
  hostname: string;
}

/** The path of a program that set-up builds. @throws with what to run when it is missing */
export function requireBinary(name: 'headscale' | 'tailscale' | 'tailscaled'): string {
  const path = join(BIN, name);
  if (!existsSync(path)) throw new Error(`${path} is missing: run node scripts/setup.mjs`);
  return path;
}

/** So many keys are tried; one login in a few spends its key twice on a busy machine. */
const KEYS = 5;

/** A real tailscaled in user space, with an own directory. */
export class TailscaleNode {
  readonly #directory = mkdtempSync(join(tmpdir(), 'hubtab-node-'));
  readonly #socket = join(this.#directory, 's');
  #child: ChildProcess | undefined;

  /**
   * Joins with a key. @returns when it runs; @throws when the key is refused
   * @param source the key, or who gives one: then a key that `tailscale up` spent itself, by logging in twice, is
   *   replaced, as `hubtab hub run` does
   */
  async join(source: NodeKey | (() => Promise<NodeKey>)): Promise<void> {
    if (!this.#child) await this.#start();
    if (typeof source !== 'function') return this.#up(source);
    for (let tries = 1; ; tries++) {
      try {
        return await this.#up(await source());
      } catch (error) {
        if (tries === KEYS || !/authkey already used/.test(String(error))) throw error;
      }
    }
  }

  async #up(key: NodeKey): Promise<void> {
    const args = [
      'up',
      `--login-server=${key.controlUrl}`,
      `--auth-key=${key.authKey}`,
      `--hostname=${key.hostname}`,
      '--accept-dns=false',
      '--timeout=50s',
      '--force-reauth',
    ];
    await this.#cli(args);
    await until('the node runs', async () => (await this.status()).BackendState === 'Running');
  }

  async status(): Promise<Status> {
    const { stdout } = await this.#cli(['status', '--json']);
    return Status.parse(JSON.parse(stdout));
  }

  async nodeKey(): Promise<string> {
    return (await this.status()).Self.PublicKey;
  }

  /** Node keys of the peers in its map. */
  async peers(): Promise<string[]> {
    return Object.values((await this.status()).Peer ?? {}).map((peer) => peer.PublicKey);
  }

  /** Ends tailscaled without a word to anybody, as a crash does. Its state stays. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Starts tailscaled again after kill(); it resumes as the same node. */
  async restart(): Promise<void> {
    await this.#start();
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const args = [
      '--tun=userspace-networking',
      `--statedir=${this.#directory}`,
      `--socket=${this.#socket}`,
      '--port=0',
      '--no-logs-no-support',
    ];
    this.#child = spawn(requireBinary('tailscaled'), args, {
      stdio: 'ignore',
      env: { ...process.env, TS_DEBUG_USE_DERP_HTTP: '1' },
    });
    await until('tailscaled listens', () => existsSync(this.#socket));
  }

  #cli(args: string[]) {
    return run(requireBinary('tailscale'), [`--socket=${this.#socket}`, ...args], {
      timeout: 60_000,
    });
  }
}
