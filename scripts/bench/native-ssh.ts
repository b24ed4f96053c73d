import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { within } from './within.ts';

const WAIT_MS = 60_000;
const STOP_MS = 3000;

/** One `ssh` process: its input, and how much it has printed. */
export class SshProcess {
  readonly #child;
  #length = 0;
  #errors = '';
  #wanted: { length: number; resolve: () => void } | undefined;
  readonly #failed = Promise.withResolvers<never>();

  constructor([program = '', ...args]: readonly string[]) {
    // A process group of its own: what it runs to reach the hub is to end with it.
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.#failed.promise.catch(() => {}); // told to whoever waits
    this.#child.stdin.on('error', () => {}); // it shows: the output never comes
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    this.#child.on('error', (error) => this.#failed.reject(error));
    this.#child.on('exit', (code) =>
      this.#failed.reject(new Error(`ssh ended with ${code}: ${this.#errors.trim()}`)),
    );
    this.#child.stdout.on('data', (bytes: Buffer) => {
      this.#length += bytes.length;
      if (this.#wanted && this.#length >= this.#wanted.length) this.#wanted.resolve();
    });
  }

  get length(): number {
    return this.#length;
  }

  /** Waits until it has printed so much in all. @throws Error with what ssh said, when it ends before */
  async reaches(length: number): Promise<void> {
    if (this.#length >= length) return;
    const reached = new Promise<void>((resolve) => (this.#wanted = { length, resolve }));
    await within(
      WAIT_MS,
      `ssh prints ${length} bytes`,
      Promise.race([reached, this.#failed.promise]),
    );
  }

  /** Resolves when the pipe took it. */
  async write(bytes: string | Uint8Array): Promise<void> {
    if (!this.#child.stdin.write(bytes))
      await within(
        WAIT_MS,
        'ssh takes input',
        Promise.race([once(this.#child.stdin, 'drain'), this.#failed.promise]),
      );
  }

  /** Ends it as Ctrl+C would, so that one that shares its connection is told; after a while by force. */
  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    // Its output may stay open for longer: those who share a connection hand it over.
    const ended = once(this.#child, 'exit');
    process.kill(-pid, 'SIGTERM');
    const force = setTimeout(() => process.kill(-pid, 'SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(force);
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }
}
