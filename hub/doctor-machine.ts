import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname } from 'node:path';
import { findIn, pathDirectories } from './find-program.ts';
import { ok, problem, warning } from './finding.ts';
import { HubtabError } from './hubtab-error.ts';
import { dataDirectory, hubPaths } from './paths.ts';
import { requireTmux } from './prerequisites.ts';
import { runProgram } from './run-program.ts';
import { requireTailscale } from './tailscale-programs.ts';
import { isTmuxRunning, tmuxSocket } from './tmux-server.ts';
import type { CliContext } from './context.ts';
import type { Finding } from './finding.ts';

/** Room for logs, checkouts and git's own needs; below it things begin to fail halfway. */
const LOW_DISK_BYTES = 500 * 1024 * 1024;

/** What a machine needs before it can be a hub. */
export async function checkMachine(context: CliContext): Promise<Finding[]> {
  return [
    await tmux(context),
    locale(context.env),
    git(context.env),
    await tailscale(context),
    ...writable(context.env),
    ...disk(context.env),
    ...(await linger(context.env)),
  ];
}

async function tmux({ env }: CliContext): Promise<Finding> {
  try {
    const { path, version } = await requireTmux(env);
    const target = { path, socket: tmuxSocket(env) };
    const isRunning = await isTmuxRunning(target, env);
    return ok('tmux', `tmux ${version}, ${isRunning ? 'running' : 'not running yet'}`);
  } catch (error) {
    if (!(error instanceof HubtabError)) throw error;
    return problem('tmux', error.message, installCommand('tmux', env));
  }
}

/** The variable that decides, in POSIX's order. */
function locale(env: CliContext['env']): Finding {
  const value = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((each) => each) ?? '';
  if (/utf-?8/i.test(value)) return ok('locale', `locale ${value}`);
  return warning(
    'locale',
    `the locale is ${value === '' ? 'not set' : value}, not UTF-8: programs in tmux may show ? or _ for other letters.`,
    "echo 'export LANG=C.UTF-8' >> ~/.profile",
  );
}

function git(env: CliContext['env']): Finding {
  if (findIn(pathDirectories(env), 'git')) return ok('git', 'git is installed');
  return problem(
    'git',
    'git is not installed; `agent start` needs it.',
    installCommand('git', env),
  );
}

async function tailscale(context: CliContext): Promise<Finding> {
  try {
    const { tailscaled, version } = await requireTailscale(context, {});
    return ok('tailscale', `tailscaled ${version} (${tailscaled})`);
  } catch (error) {
    if (!(error instanceof HubtabError)) throw error;
    // Joining takes it from the server.
    return problem('tailscale', error.message, 'hubtab hub join SERVER');
  }
}

function writable(env: CliContext['env']): Finding[] {
  const { stateDir } = hubPaths(env);
  return [stateDir, dataDirectory(env)].flatMap((directory) => {
    const existing = nearest(directory);
    try {
      accessSync(existing, constants.W_OK | constants.X_OK);
      return [];
    } catch {
      const fix = `sudo chown -R ${userInfo().username} '${existing}' && chmod u+rwx '${existing}'`;
      return [problem('writable', `${existing} cannot be written to by this user.`, fix)];
    }
  });
}

function disk(env: CliContext['env']): Finding[] {
  const directory = nearest(hubPaths(env).stateDir);
  const { bavail, bsize } = statfsSync(directory);
  const free = bavail * bsize;
  const megabytes = Math.round(free / 1024 / 1024);
  if (free >= LOW_DISK_BYTES) return [ok('disk', `${megabytes} MB free for ${directory}`)];
  const fix = `du -xh '${env['HOME'] ?? homedir()}' | sort -h | tail -20`;
  return [
    warning(
      'disk',
      `only ${megabytes} MB are free for ${directory}; see what takes the space.`,
      fix,
    ),
  ];
}

/** Without lingering systemd ends a user's services, and their scopes with tmux in them, at logout. */
async function linger(env: CliContext['env']): Promise<Finding[]> {
  const loginctl = findIn(pathDirectories(env), 'loginctl');
  if (loginctl === undefined) return [];
  const { username } = userInfo();
  const args = ['show-user', username, '--property=Linger', '--value'];
  const { code, stdout } = await runProgram(loginctl, args, { env });
  if (code !== 0 || stdout.trim() === '') return [];
  if (stdout.trim() === 'yes') return [ok('linger', 'lingering is on')];
  const text = 'lingering is off: the hub and its agents may end when you log out.';
  return [warning('linger', text, `sudo loginctl enable-linger ${username}`)];
}

/** The directory itself, or the nearest one above that is there. */
function nearest(directory: string): string {
  return statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true ||
    dirname(directory) === directory
    ? directory
    : nearest(dirname(directory));
}

function installCommand(name: string, env: CliContext['env']): string {
  const managers = [
    ['apt-get', 'sudo apt-get install -y'],
    ['dnf', 'sudo dnf install -y'],
    ['apk', 'sudo apk add'],
    ['pacman', 'sudo pacman -S'],
    ['brew', 'brew install'],
  ] as const;
  const found = managers.find(([program]) => findIn(pathDirectories(env), program));
  return `${found?.[1] ?? 'sudo apt-get install -y'} ${name}`;
}
