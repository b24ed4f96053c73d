import { chmod, copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { hubtabBundle } from '../build-bundles.ts';
import { bin } from '../paths.ts';
import type { HubUser } from './hub-user.ts';
import { mustRun, run, type Finished } from './run.ts';

/** Another version of tmux for the hubs of tests; the installed one if unset. */
const TMUX = process.env['HUBTAB_TEST_TMUX'];

/** One hub of the stack: an own home, tailscaled and tmux server, all under one ordinary user. */
export class StackHub {
  readonly name: string;
  readonly home: string;
  readonly user: HubUser;
  readonly #programs: string;
  readonly #certificate: string | undefined;

  /** @param certificate file with a certificate to trust, PEM; if unset, the system's are */
  constructor(name: string, home: string, user: HubUser, programs: string, certificate?: string) {
    this.name = name;
    this.home = home;
    this.user = user;
    this.#programs = programs;
    this.#certificate = certificate;
  }

  get #env(): Record<string, string> {
    return {
      HOME: this.home,
      USER: this.user.name,
      LOGNAME: this.user.name,
      SHELL: '/bin/bash',
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      PATH: `${this.home}/bin:${this.#programs}:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin`,
      TMUX_TMPDIR: path.join(this.home, 'tmux'),
      HUBTAB_TAILSCALE_DIR: this.#programs,
      GIT_CONFIG_GLOBAL: path.join(this.home, '.gitconfig'),
      ...(this.#certificate
        ? { SSL_CERT_FILE: this.#certificate, NODE_EXTRA_CA_CERTS: this.#certificate }
        : {}),
    };
  }

  /** Runs a program as the hub's user would. */
  exec(argv: readonly string[], cwd = this.home): Promise<Finished> {
    const [command, args] = this.user.command(this.#env, argv);
    return run(command, args, { cwd });
  }

  /** @throws Error with what the program wrote to standard error */
  async mustExec(argv: readonly string[], cwd = this.home): Promise<string> {
    const [command, args] = this.user.command(this.#env, argv);
    return mustRun(command, args, { cwd });
  }

  /** Runs `hubtab …` on the hub. @throws Error when it fails */
  hubtab(args: readonly string[], cwd?: string): Promise<string> {
    return this.mustExec(this.hubtabCommand(args), cwd);
  }

  hubtabCommand(args: readonly string[]): string[] {
    return [path.join(this.#programs, 'node'), path.join(this.#programs, 'hubtab.mjs'), ...args];
  }

  /** Runs `tmux …` against the hub's own server. @throws Error when it fails */
  async tmux(...args: string[]): Promise<string> {
    return (await this.mustExec(['tmux', '-u', ...args])).replace(/\n$/, '');
  }

  async prepare(): Promise<void> {
    for (const directory of [this.home, path.join(this.home, 'tmux')]) {
      await mkdir(directory, { recursive: true });
      await chmod(directory, 0o755);
      await this.user.own(directory);
    }
    if (TMUX === undefined) return;
    await mkdir(path.join(this.home, 'bin'), { recursive: true });
    await copyFile(TMUX, path.join(this.home, 'bin', 'tmux'));
  }

  /** Makes a git repository with one commit on the hub, as agents find them, if it is not there. Returns its folder. */
  async makeRepository(name: string): Promise<string> {
    const directory = path.join(this.home, 'src', name);
    if ((await this.exec(['test', '-d', directory])).code === 0) return directory;
    await this.mustExec(['mkdir', '-p', directory]);
    const git = (...args: string[]) =>
      this.mustExec(
        ['git', '-c', 'user.name=Dev', '-c', 'user.email=dev@example.test', ...args],
        directory,
      );
    await git('init', '--quiet', '--initial-branch=main');
    await this.mustExec(['sh', '-c', 'echo "# $0" > README.md', name], directory);
    await git('add', '.');
    await git('commit', '--quiet', '-m', 'start');
    return directory;
  }

  /** Stops everything of this hub; never throws. */
  async stop(): Promise<void> {
    await this.exec(this.hubtabCommand(['hub', 'down']));
    await this.exec(['tmux', 'kill-server']);
  }
}

/** Puts copies of the programs that hubs run where their user can reach them. Returns the folder. */
export async function placePrograms(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o755);
  const programs: [string, string][] = [
    [process.execPath, 'node'],
    [path.join(bin, 'tailscale'), 'tailscale'],
    [path.join(bin, 'tailscaled'), 'tailscaled'],
    [hubtabBundle, 'hubtab.mjs'],
  ];
  for (const [from, name] of programs) {
    await copyFile(from, path.join(directory, name));
    await chmod(path.join(directory, name), 0o755);
  }
  return directory;
}
