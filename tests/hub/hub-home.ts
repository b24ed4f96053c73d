import { execFile, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ChildProcess } from 'node:child_process';

const ROOT = resolve(import.meta.dirname, '..', '..');
const MAIN = join(ROOT, 'hub', 'main.ts');
const USER = 'hubtab-dev';
const RUNUSER = ['/usr/sbin/runuser', '/sbin/runuser'].find(existsSync) ?? 'runuser';
const isRoot = process.getuid?.() === 0;

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** For its stdin; if unset, that is empty. */
  readonly input?: string;
}

/**
 * One machine as the CLI sees it: a home, a state directory and a tmux server of its own. As root everything runs as an
 * ordinary user, because the CLI refuses to run as root.
 */
export class HubHome {
  readonly path: string;
  readonly stateDir: string;
  readonly uid: number;
  readonly env: Record<string, string>;
  readonly #program: string;

  /** @param program the source, or the bundle, which starts in a quarter of the time and has to be built first */
  constructor(program = MAIN) {
    if (isRoot) ensureUser();
    this.#program = program;
    this.path = mkdtempSync(join(tmpdir(), 'hubtab-test-'));
    this.stateDir = join(this.path, 'state', 'hubtab');
    this.env = {
      HOME: this.path,
      XDG_STATE_HOME: join(this.path, 'state'),
      TMUX_TMPDIR: join(this.path, 'tmux'),
      PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      LANG: 'C.UTF-8',
      SHELL: '/bin/bash',
      HUBTAB_TAILSCALE_DIR: join(ROOT, '.hubtab', 'bin'),
      GIT_CONFIG_GLOBAL: '/dev/null',
    };
    mkdirSync(join(this.path, 'tmux'));
    if (isRoot) execFileSync('chown', ['-R', `${USER}:`, this.path]);
    chmodSync(this.path, 0o755);
    this.uid = isRoot ? Number(execFileSync('id', ['-u', USER])) : (process.getuid?.() ?? 0);
  }

  get socket(): string {
    return join(this.path, 'tmux', `tmux-${this.uid}`, 'default');
  }

  /** Runs `hubtab` and waits for its end. */
  hubtab(args: readonly string[], options: RunOptions = {}) {
    return this.run(process.execPath, [this.#program, ...args], options);
  }

  /** Starts `hubtab`, for tests that kill it; its stderr is there to be read. */
  startHubtab(args: readonly string[]): ChildProcess {
    return this.start(process.execPath, [this.#program, ...args]);
  }

  /** Starts any program as the user of this home. */
  start(file: string, args: readonly string[]): ChildProcess {
    const argv = this.#argv(file, args);
    return spawn(argv.file, argv.args, {
      cwd: this.path,
      env: this.env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  /** Runs any program as the user of this home; a failing exit code resolves. */
  run(file: string, args: readonly string[], options: RunOptions = {}): Promise<CliResult> {
    const argv = this.#argv(file, args);
    return new Promise((done) => {
      const child = execFile(
        argv.file,
        argv.args,
        { cwd: options.cwd ?? this.path, env: { ...this.env, ...options.env } },
        (_error, stdout, stderr) => done({ code: child.exitCode ?? -1, stdout, stderr }),
      );
      child.stdin?.end(options.input);
    });
  }

  /** Runs a program that must succeed and answers its stdout without the last line end. */
  async ok(file: string, args: readonly string[], cwd = this.path): Promise<string> {
    const result = await this.run(file, args, { cwd });
    if (result.code !== 0) throw new Error(`${file} ${args.join(' ')}: ${result.stderr}`);
    return result.stdout.replace(/\n$/, '');
  }

  tmux(...args: string[]): Promise<string> {
    return this.ok('tmux', ['-S', this.socket, ...args]);
  }

  /** A repository with one commit whose origin is `https://github.com/<repo>.git`. */
  async makeCheckout(repo: string, name = repo.split('/')[1] ?? 'repo'): Promise<string> {
    const path = join(this.path, 'src', name);
    await this.ok('git', ['init', '-q', '-b', 'main', path]);
    const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.test'];
    await this.ok('git', [...who, 'commit', '-q', '--allow-empty', '-m', 'start'], path);
    await this.ok('git', ['remote', 'add', 'origin', `https://github.com/${repo}.git`], path);
    return path;
  }

  /** Takes tailscaled away from this home: it has to come from the control server. */
  withoutTailscale(): void {
    delete this.env['HUBTAB_TAILSCALE_DIR'];
  }

  /** A bare repository with one commit, and settings by which `agent start` clones it. Answers its directory. */
  async makeRemote(repo: string): Promise<string> {
    const checkout = await this.makeCheckout(repo, `made-for-${repo.replace('/', '-')}`);
    const bare = join(this.path, 'remotes', `${repo}.git`);
    await this.ok('git', ['clone', '-q', '--bare', checkout, bare]);
    await this.ok('rm', ['-rf', checkout]);
    await this.writeSettings({ cloneUrl: `file://${this.path}/remotes/{repo}.git` });
    return bare;
  }

  async writeSettings(settings: unknown): Promise<void> {
    const directory = join(this.path, '.config', 'hubtab');
    await this.ok('mkdir', ['-p', directory]);
    const file = join(directory, 'settings.json');
    await this.run('tee', [file], { input: JSON.stringify(settings) });
  }

  /** Ends every process that this home started, and removes it. */
  async remove(): Promise<void> {
    await this.run('tmux', ['-S', this.socket, 'kill-server']);
    // Daemons have the home in their arguments.
    for (const pid of this.processesWith(this.path)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Processes that have a text in their arguments. */
  processesWith(text: string): number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid && commandLine(pid).includes(text));
  }

  #argv(file: string, args: readonly string[]): { file: string; args: string[] } {
    if (!isRoot) return { file, args: [...args] };
    // Not by PATH: the home's PATH is an ordinary user's, without sbin.
    // runuser sets HOME to the account's own.
    const home = `HOME=${this.path}`;
    return { file: RUNUSER, args: ['-u', USER, '--', '/usr/bin/env', home, file, ...args] };
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function ensureUser(): void {
  try {
    execFileSync('id', ['-u', USER], { stdio: 'ignore' });
  } catch {
    try {
      execFileSync('useradd', ['-m', '-s', '/bin/bash', USER], { stdio: 'ignore' });
    } catch (error) {
      // Another test file made it at the same moment.
      execFileSync('id', ['-u', USER], { stdio: 'ignore' });
      void error;
    }
  }
}
