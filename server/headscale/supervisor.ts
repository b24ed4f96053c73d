import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errorText, type Log } from '../log.ts';
import { assertUntouched, headscaleEnv } from './binary.ts';
import type { HeadscaleFiles } from './config-writer.ts';

/** Pause before the first restart, doubled up to the longest, in ms. */
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 60_000;
/** After this long a run counts as good, and the pause starts again at the first. */
const GOOD_RUN_MS = 60_000;
/** How long Headscale may take to end by itself before it is killed. */
const STOP_TIMEOUT_MS = 5000;

export interface SupervisorOptions {
  binary: string;
  /** What the program must be before each start; see {@link assertUntouched}. */
  sha256: string | undefined;
  files: HeadscaleFiles;
  log: Log;
  /** Called when the child has ended, so that nobody trusts what was known about it. */
  onExit: () => void;
}

/** Runs Headscale as a child process and starts it again when it dies. */
export class HeadscaleSupervisor {
  readonly #options: SupervisorOptions;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Process id of the running child, or undefined between two runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    killOrphan(this.#options.files);
    this.#loop ??= this.#run();
  }

  /** Makes Headscale read its policy again. */
  reload(): void {
    this.#child?.kill('SIGHUP');
  }

  /** Ends the child and waits until it is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await this.#loop;
      clearTimeout(timer);
    }
    await this.#loop;
    const { files } = this.#options;
    if (files.temporaryDirectory !== undefined) {
      rmSync(files.temporaryDirectory, { recursive: true, force: true });
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let delayMs = FIRST_DELAY_MS;
    while (!signal.aborted) {
      const startedAtMs = Date.now();
      const reason = await this.#runOnce();
      this.#options.onExit();
      if (signal.aborted) return;
      if (Date.now() - startedAtMs > GOOD_RUN_MS) delayMs = FIRST_DELAY_MS;
      this.#options.log('error', 'headscale-ended', { error: reason, delayMs });
      await delay(delayMs, undefined, { signal }).catch(() => {}); // Aborted: the loop ends.
      delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
    }
  }

  /** One life of the child. @returns why it ended */
  async #runOnce(): Promise<string> {
    const { binary, sha256, files, log } = this.#options;
    try {
      await assertUntouched(binary, sha256);
    } catch (error) {
      return errorText(error);
    }
    if (this.#stopping.signal.aborted) return 'stopped';
    // A file, not a pipe: Headscale's output must not wait for us, and it may be long.
    const output = openSync(files.log, 'w', 0o600);
    const child = spawn(binary, ['serve', '-c', files.config], {
      cwd: files.directory,
      env: headscaleEnv(),
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.#child = child;
    if (child.pid !== undefined) {
      writeFileSync(files.pid, `${child.pid}\n`);
      log('info', 'headscale-started', { pid: child.pid });
    }
    return new Promise((resolve) => {
      const ended = (reason: string) => {
        this.#child = undefined;
        rmSync(files.pid, { force: true });
        resolve(reason);
      };
      child.once('error', (error) => ended(error.message));
      child.once('exit', (code, signal) => {
        ended(`${signal ?? `status ${code}`}; its last words: ${lastWords(files.log)}`);
      });
    });
  }
}

/** The last line of Headscale's log, for the operator. */
function lastWords(path: string): string {
  try {
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    return (lines.at(-1) ?? '').slice(-300);
  } catch {
    return '(no log)';
  }
}

/**
 * Ends a Headscale that a server killed with SIGKILL left behind: it would hold the port. The caller holds the lock of
 * the data directory, so it cannot be another server's. Only where /proc can prove that the process is ours.
 */
function killOrphan(files: HeadscaleFiles): void {
  try {
    const pid = Number(readFileSync(files.pid, 'utf8'));
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(files.config)) {
      process.kill(pid, 'SIGKILL');
    }
  } catch {
    // No such file or process: nothing was left behind.
  }
}
