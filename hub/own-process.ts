import { readdirSync } from 'node:fs';
import { isErrno, readIfPresent } from './private-files.ts';
import { runProgram } from './run-program.ts';
import { waitUntil } from './wait-until.ts';

/**
 * Whether the process is the daemon we started: its arguments hold `marker`. A pid from a file may since have been
 * given to somebody else's process, which we must not kill.
 */
export async function isProcessWith(pid: number, marker: string): Promise<boolean> {
  const proc = readIfPresent(`/proc/${pid}/cmdline`);
  if (proc !== undefined) return proc.split('\0').includes(marker);
  if (process.platform === 'linux') return false;
  const { stdout } = await runProgram('/bin/ps', ['-o', 'command=', '-p', String(pid)]);
  return stdout.includes(marker);
}

/** Looks through /proc for a daemon of ours whose pid file was lost; undefined where there is no /proc. */
export async function findProcessWith(marker: string): Promise<number | undefined> {
  for (const entry of listProcesses()) {
    const pid = Number(entry);
    if (Number.isInteger(pid) && pid !== process.pid && (await isProcessWith(pid, marker))) {
      return pid;
    }
  }
  return undefined;
}

function listProcesses(): string[] {
  try {
    return readdirSync('/proc');
  } catch {
    // No /proc on this system.
    return [];
  }
}

/** Sends SIGTERM, after `graceMs` SIGKILL, each time only if the process is still the one with `marker`. */
export async function endProcess(pid: number, marker: string, graceMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!(await isProcessWith(pid, marker))) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (isErrno(error, 'ESRCH')) return;
      throw error;
    }
    const gone = await waitUntil(
      async () => ((await isProcessWith(pid, marker)) ? undefined : true),
      graceMs,
    );
    if (gone) return;
  }
}
