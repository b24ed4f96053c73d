import { lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT } from './exit-codes.ts';
import { findIn, pathDirectories } from './find-program.ts';
import { HubtabError } from './hubtab-error.ts';
import { isErrno } from './private-files.ts';
import { runProgram } from './run-program.ts';
import { isNoServer, requireTmuxOk, runTmux, tmuxArguments, tmuxEnvironment } from './tmux.ts';
import type { CliContext } from './context.ts';
import type { TmuxTarget } from './tmux.ts';

/** The hidden session that keeps the server up and that the browser's watcher attaches to; left out of every list. */
export const WATCH_SESSION = 'hubtab-watch';

/** Absolute path of the default tmux server's socket, by tmux's own rule, which is also what the user's own `tmux` uses. */
export function tmuxSocket(env: CliContext['env']): string {
  const chosen = [env['TMUX_TMPDIR'], '/tmp'].find(isDirectory) ?? '/tmp';
  return join(realpathSync(chosen), `tmux-${process.getuid?.() ?? 0}`, 'default');
}

function isDirectory(path: string | undefined): path is string {
  return (
    path !== undefined &&
    path.startsWith('/') &&
    statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  );
}

/** Whether a server answers on this socket. */
export async function isTmuxRunning(target: TmuxTarget, env: CliContext['env']): Promise<boolean> {
  const result = await runTmux(target, [['list-sessions', '-F', '#{session_id}']], { env });
  return result.code === 0;
}

/**
 * Makes sure that the tmux server and its hidden session run, so that no command over SSH ever starts a server: that
 * would live in tailscaled's cgroup and die with it. Two at once are fine.
 *
 * @throws HubtabError with tmux's words.
 */
export async function ensureTmuxServer(target: TmuxTarget, env: CliContext['env']): Promise<void> {
  const hasSession = ['has-session', '-t', `=${WATCH_SESSION}`];
  if ((await runTmux(target, [hasSession], { env })).code === 0) return;
  ensureSocketDirectory(dirname(target.socket));
  const isRunning = await isTmuxRunning(target, env);
  // Only the start of the server decides where it lives, so only that needs a scope.
  const launcher = isRunning ? undefined : await scopeLauncher(env);
  const create = [
    'new-session',
    '-d',
    '-s',
    WATCH_SESSION,
    '-x',
    '80',
    '-y',
    '24',
    'tail',
    '-f',
    '/dev/null',
  ];
  const args = tmuxArguments(target.socket, [create]);
  const result = launcher
    ? await runProgram(launcher[0], [...launcher.slice(1), target.path, ...args], {
        env: tmuxEnvironment(env),
        cwd: '/',
      })
    : await runProgram(target.path, args, { env: tmuxEnvironment(env), cwd: '/' });
  if (result.code === 0 || result.stderr.includes('duplicate session')) return;
  if (isNoServer(result) || launcher) {
    // The scope may be refused although the probe passed, and a server may end between our question and our command.
    const again = await runTmux(target, [create], { env, cwd: '/' });
    if (again.stderr.includes('duplicate session')) return;
    requireTmuxOk(again, 'start the tmux server');
    return;
  }
  requireTmuxOk(result, 'start the tmux server');
}

/** `systemd-run` and its arguments if this user's systemd can run something in a scope of its own. */
async function scopeLauncher(env: CliContext['env']): Promise<[string, ...string[]] | undefined> {
  const systemdRun = findIn(pathDirectories(env), 'systemd-run');
  if (systemdRun === undefined) return undefined;
  const args = ['--user', '--scope', '--quiet', '--collect'];
  const { code } = await runProgram(systemdRun, [...args, 'true'], { env, timeoutMs: 5000 });
  return code === 0 ? [systemdRun, ...args, '--description=tmux server (hubtab)'] : undefined;
}

/** tmux makes this directory itself only when it is not given `-S`; it checks the same things. */
function ensureSocketDirectory(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  }
  const stat = lstatSync(directory);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.() || (stat.mode & 0o007) !== 0) {
    throw new HubtabError(
      EXIT.failed,
      `${directory} must be a directory that belongs to this user and that others cannot enter; tmux cannot use it as it is.`,
    );
  }
}
