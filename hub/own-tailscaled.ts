import { spawn } from 'node:child_process';
import { chmodSync, closeSync, openSync, rmSync, statSync, truncateSync } from 'node:fs';
import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import { endProcess, findProcessWith, isProcessWith } from './own-process.ts';
import { ensurePrivateDirectory, readIfPresent, writePrivateFile } from './private-files.ts';
import { readHostKeys } from './ssh-host-keys.ts';
import { requireUp, TailscaleCli } from './tailscale-cli.ts';
import { waitUntil } from './wait-until.ts';
import type { CliContext } from './context.ts';
import type { HubPaths } from './paths.ts';
import type { TailscalePrograms } from './tailscale-programs.ts';
import type { HostKey } from './ssh-host-keys.ts';
import type { Tailscaled, TailscaleStatus, UpOptions } from './tailscaled.ts';

/** A cold start took 0.4 s on two busy cores; 20 s covers a machine that is booting. */
const START_DEADLINE_MS = 20_000;
/** tailscaled tells the control server that it leaves, which may have to time out. */
const STOP_GRACE_MS = 10_000;
/** An idle tailscaled writes a few kB an hour. Checked at each start, `up` and `status`. */
const MAX_LOG_BYTES = 4 * 1024 * 1024;
/** What our tailscaled gets of our environment: nothing that could be a secret of the caller. */
const PASSED_VARIABLES =
  /^(HOME|PATH|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|XDG_\w+|DBUS_SESSION_BUS_ADDRESS|SSL_CERT_(FILE|DIR)|(https?|all|no)_proxy)$/i;

/** tailscaled with userspace networking as the invoking user: no root, no device, and only this user over SSH. */
export class OwnTailscaled implements Tailscaled {
  readonly #paths: HubPaths;
  readonly #programs: TailscalePrograms;
  readonly #cli: TailscaleCli;
  readonly #env: CliContext['env'];
  /** The argument by which our daemon is known. Not the socket: the short-lived `tailscale` commands have that too. */
  readonly #marker: string;

  constructor(paths: HubPaths, programs: TailscalePrograms, env: CliContext['env']) {
    this.#paths = paths;
    this.#programs = programs;
    this.#env = ownEnvironment(env);
    this.#cli = new TailscaleCli(programs.tailscale, paths.socket, this.#env);
    this.#marker = `--statedir=${paths.tailscaledDir}`;
  }

  async start(controlUrl: string): Promise<void> {
    ensurePrivateDirectory(this.#paths.stateDir);
    ensurePrivateDirectory(this.#paths.tailscaledDir);
    ensurePrivateDirectory(this.#paths.socketDir);
    this.#boundLog();
    const pid = (await this.#findPid()) ?? this.#spawn(controlUrl);
    if (pid === undefined) throw this.#didNotStart('it could not be executed');
    const state = await waitUntil(async () => {
      if (await this.status()) return 'answers';
      return (await isProcessWith(pid, this.#marker)) ? undefined : 'ended';
    }, START_DEADLINE_MS);
    if (state !== 'answers') {
      await endProcess(pid, this.#marker, STOP_GRACE_MS);
      throw this.#didNotStart(state === 'ended' ? 'it ended at once' : 'it did not answer');
    }
    // tailscaled makes its socket 0666. The 0700 directory already keeps others out; this keeps it so if somebody loosens that.
    chmodSync(this.#paths.socket, 0o600);
  }

  async stop(): Promise<void> {
    const pid = await this.#findPid();
    if (pid !== undefined) await endProcess(pid, this.#marker, STOP_GRACE_MS);
    rmSync(this.#paths.tailscaledPidFile, { force: true });
    rmSync(this.#paths.socket, { force: true });
  }

  async isAlive(): Promise<boolean> {
    return (await this.#findPid()) !== undefined;
  }

  get socket(): string {
    return this.#paths.socket;
  }

  status(): Promise<TailscaleStatus | undefined> {
    this.#boundLog();
    return this.#cli.status();
  }

  async up(options: UpOptions): Promise<void> {
    // --reset: settings of an earlier version of this program must not be in the way.
    const further = ['--accept-dns=false', '--accept-routes=false', '--reset'];
    const result = await this.#cli.up(options, this.#paths.authKeyFile, further);
    requireUp(result, options.controlUrl);
  }

  logout(): Promise<string | undefined> {
    return this.#cli.logout();
  }

  debug(what: 'prefs' | 'netmap'): Promise<unknown> {
    return this.#cli.debug(what);
  }

  commandLine(words: string): string {
    return this.#cli.commandLine(words);
  }

  hostKeys(): Promise<HostKey[]> {
    return Promise.resolve(readHostKeys(this.#paths.tailscaledDir));
  }

  /** Pid of our running daemon; by its pid file, else by looking, because a killed `up` may have written none. */
  async #findPid(): Promise<number | undefined> {
    const recorded = Number(readIfPresent(this.#paths.tailscaledPidFile));
    if (recorded > 0 && (await isProcessWith(recorded, this.#marker))) return recorded;
    return findProcessWith(this.#marker);
  }

  #spawn(controlUrl: string): number | undefined {
    const log = openSync(this.#paths.tailscaledLogFile, 'a', 0o600);
    const umask = process.umask(0o077);
    try {
      const child = spawn(
        this.#programs.tailscaled,
        ['--tun=userspace-networking', this.#marker, `--socket=${this.#paths.socket}`, '--port=0'],
        {
          cwd: this.#paths.stateDir,
          // A session of its own (setsid): it outlives this command and its terminal.
          detached: true,
          stdio: ['ignore', log, log],
          env: { ...this.#env, ...daemonVariables(controlUrl, this.#paths) },
        },
      );
      // A failure to execute shows as a missing pid; without a listener the event would end us.
      child.once('error', () => undefined);
      child.unref();
      if (child.pid !== undefined) {
        writePrivateFile(this.#paths.tailscaledPidFile, `${child.pid}\n`);
      }
      return child.pid;
    } finally {
      process.umask(umask);
      closeSync(log);
    }
  }

  /** The daemon appends, so the file can be emptied under it. */
  #boundLog(): void {
    const file = this.#paths.tailscaledLogFile;
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MAX_LOG_BYTES) truncateSync(file, 0);
  }

  #didNotStart(how: string): HubtabError {
    const log = readIfPresent(this.#paths.tailscaledLogFile) ?? '';
    const end = log.trimEnd().split('\n').slice(-3).join('\n  ');
    return new HubtabError(
      EXIT.network,
      `tailscaled (${this.#programs.tailscaled}) did not start: ${how}. The end of ${this.#paths.tailscaledLogFile}:\n  ${end}`,
    );
  }
}

function daemonVariables(controlUrl: string, paths: HubPaths): Record<string, string> {
  return {
    TS_NO_LOGS_NO_SUPPORT: 'true',
    // Else it keeps a log id in ~/.local/share, which two hubs of one user would share.
    TS_LOGS_DIR: paths.tailscaledDir,
    // As wasm/internal/node/mtu.go: browsers come by the relay only, which takes packets of any size. Whoever keeps the
    // usual 1280 says so when TCP connects.
    TS_DEBUG_MTU: '33000',
    // The embedded DERP relay is behind the same address, and without TLS only when that has none.
    ...(controlUrl.startsWith('http:') ? { TS_DEBUG_USE_DERP_HTTP: '1' } : {}),
  };
}

function ownEnvironment(env: CliContext['env']): CliContext['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_VARIABLES.test(name)));
}
