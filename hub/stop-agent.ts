import { readFileSync } from 'node:fs';
import { listSessions } from './agent-sessions.ts';
import { isErrno } from './private-files.ts';
import { runProgram } from './run-program.ts';
import { isNoServer, requireTmuxOk, runTmux } from './tmux.ts';
import { waitUntil } from './wait-until.ts';
import type { Session } from './agent-sessions.ts';
import type { CliContext } from './context.ts';
import type { TmuxTarget } from './tmux.ts';

/** Time for a program to save and end by itself. */
const GRACE_MS = 10_000;

/** An interactive shell ignores SIGTERM; what it understands is a lost terminal. One that runs a script ends at once. */
const SHELL_GRACE_MS = 2000;
const SHELLS = new Set(['sh', 'bash', 'dash', 'zsh', 'fish', 'ksh', 'ash', 'tcsh']);

/** Asks the programs of a session to end, waits for that, and then ends the session. */
export async function stopAgent(
  target: TmuxTarget,
  session: Session,
  env: CliContext['env'],
): Promise<void> {
  // The id of a program that has ended may be another's by now.
  const list = ['list-panes', '-s', '-t', session.id, '-F', '#{?pane_dead,,#{pane_pid}}'];
  const { stdout } = await runTmux(target, [list], { env });
  // Leaders of their terminals' sessions: tmux starts each program so.
  const pids = stdout
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 1);
  for (const pid of pids) await askToEnd(pid);
  const hasEnded = (deadlineMs: number) =>
    waitUntil(async () => {
      const left = (await listSessions(target, env)).find((each) => each.id === session.id);
      return left === undefined || left.isDead ? true : undefined;
    }, deadlineMs);
  if (!(await hasEnded(SHELL_GRACE_MS))) {
    for (const pid of pids) {
      const { name } = await processFacts(pid);
      if (SHELLS.has(name.replace(/^-/, ''))) signal(pid, 'SIGHUP');
    }
    await hasEnded(GRACE_MS - SHELL_GRACE_MS);
  }
  const killed = await runTmux(target, [['kill-session', '-t', session.id]], { env });
  if (isNoServer(killed) || killed.stderr.includes("can't find session")) return;
  requireTmuxOk(killed, `stop ${session.name}`);
}

async function askToEnd(panePid: number): Promise<void> {
  const { foregroundGroup } = await processFacts(panePid);
  if (foregroundGroup > 1 && foregroundGroup !== panePid) signal(-foregroundGroup, 'SIGTERM');
  signal(panePid, 'SIGTERM');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

/** Name of a process and the process group in the foreground of its terminal; -1 if nobody can tell. */
async function processFacts(pid: number): Promise<{ name: string; foregroundGroup: number }> {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    return { name, foregroundGroup: Number(afterName[5]) };
  } catch {
    // No /proc, as on macOS.
    const { stdout } = await runProgram('/bin/ps', ['-o', 'tpgid=,comm=', '-p', String(pid)]).catch(
      () => ({ stdout: '' }),
    );
    const [group, path] = stdout.trim().split(/\s+/);
    return { name: path?.split('/').at(-1) ?? '', foregroundGroup: Number(group ?? -1) };
  }
}
