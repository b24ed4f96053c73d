import { rmSync, writeFileSync } from 'node:fs';
import { EXIT } from './exit-codes.ts';
import { HubtabError, KeySpentError } from './hubtab-error.ts';
import { runProgram } from './run-program.ts';
import { TailscaleStatus } from './tailscaled.ts';
import type { UpOptions } from './tailscaled.ts';
import type { CliContext } from './context.ts';
import type { ProgramResult } from './run-program.ts';

/** The `tailscale` program, speaking to one daemon. */
export class TailscaleCli {
  readonly #program: string;
  readonly #env: CliContext['env'];
  readonly socket: string;

  constructor(program: string, socket: string, env: CliContext['env']) {
    this.#program = program;
    this.socket = socket;
    this.#env = env;
  }

  run(args: readonly string[], timeoutMs: number): Promise<ProgramResult> {
    return runProgram(this.#program, [`--socket=${this.socket}`, ...args], {
      env: this.#env,
      timeoutMs,
    });
  }

  /** Undefined if no daemon answers. */
  async status(): Promise<TailscaleStatus | undefined> {
    const { code, stdout } = await this.run(['status', '--json', '--peers=false'], 10_000);
    return code === 0 ? TailscaleStatus.parse(JSON.parse(stdout)) : undefined;
  }

  /** Undefined if no daemon answers, or it has nothing to tell yet. */
  async debug(what: 'prefs' | 'netmap'): Promise<unknown> {
    const { code, stdout } = await this.run(['debug', what], 10_000);
    return code === 0 ? JSON.parse(stdout) : undefined;
  }

  /**
   * `tailscale up` as a hub needs it.
   *
   * @param keyFile where the one-use key stands while it runs, because `ps` shows arguments to everybody
   * @param further arguments
   */
  async up(
    { controlUrl, hostname, authKey, forceReauth }: UpOptions,
    keyFile: string,
    further: readonly string[],
  ): Promise<ProgramResult> {
    // A run that was killed may have left one. Nobody else uses it now: whoever calls this holds the hub's lock.
    rmSync(keyFile, { force: true });
    const args = [
      'up',
      `--login-server=${controlUrl}`,
      `--hostname=${hostname}`,
      '--ssh',
      '--timeout=60s',
      ...further,
    ];
    try {
      if (authKey !== undefined) {
        writeFileSync(keyFile, authKey, { mode: 0o600, flag: 'wx' });
        args.push(`--auth-key=file:${keyFile}`);
      }
      if (forceReauth) args.push('--force-reauth');
      return await this.run(args, 70_000);
    } finally {
      rmSync(keyFile, { force: true });
    }
  }

  /** What went wrong, if anything. */
  async logout(): Promise<string | undefined> {
    const { code, stderr } = await this.run(['logout'], 15_000);
    return code === 0 ? undefined : lastLine(stderr);
  }

  commandLine(words: string): string {
    return `${this.#program} --socket=${this.socket} ${words}`;
  }
}

/** @throws KeySpentError; HubtabError (network) with tailscale's words if it failed otherwise */
export function requireUp({ code, stderr }: ProgramResult, controlUrl: string): void {
  if (code === 0) return;
  if (/authkey already used/.test(stderr)) throw new KeySpentError(controlUrl);
  throw new HubtabError(
    EXIT.network,
    `the private network refused this machine or did not answer (${controlUrl}): ${lastLine(stderr)}`,
  );
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
