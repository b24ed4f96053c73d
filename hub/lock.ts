import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import { ensurePrivateDirectory, isErrno, readIfPresent } from './private-files.ts';
import { waitUntil } from './wait-until.ts';

/**
 * Runs `work` while no other hubtab process holds the lock file. A lock whose holder died is taken over.
 *
 * @throws HubtabError if a living process holds it for longer than `timeoutMs`.
 */
export async function withLock<T>(
  path: string,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  ensurePrivateDirectory(dirname(path));
  const mine = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const identity = `${process.pid} ${startTime(process.pid) ?? '-'} ${randomBytes(8).toString('hex')}\n`;
  try {
    writeFileSync(mine, identity, { mode: 0o600, flag: 'wx' });
    const taken = await waitUntil(() => (tryTake(path, mine) ? true : undefined), timeoutMs, 50);
    if (taken === undefined) {
      const pid = readIfPresent(path)?.split(' ')[0] ?? '?';
      throw new HubtabError(
        EXIT.failed,
        `another hubtab command (process ${pid}) is still at work; try again when it has ended.`,
      );
    }
    try {
      return await work();
    } finally {
      // Only our own: after a takeover the file may belong to somebody else.
      if (readIfPresent(path) === identity) rmSync(path, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Pid of the living process that holds a lock; undefined if nobody does. */
export function lockHolder(path: string): number | undefined {
  const holder = readIfPresent(path);
  return holder !== undefined && isAlive(holder) ? Number(holder.split(' ')[0]) : undefined;
}

function tryTake(path: string, mine: string): boolean {
  try {
    // link() makes the lock together with its content, so nobody ever reads an empty one.
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  }
  const holder = readIfPresent(path);
  if (holder !== undefined && !isAlive(holder)) {
    breakStale(path, holder, `${mine}.stale`);
    removeLeftovers(path, holder);
  }
  return false;
}

/** Moves the dead lock away. Between our look and the move another process may have taken it over: put that one back. */
function breakStale(path: string, seen: string, aside: string): void {
  try {
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') !== seen) linkSync(aside, path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT') && !isErrno(error, 'EEXIST')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** A killed holder leaves the name under which it made its identity. */
function removeLeftovers(path: string, holder: string): void {
  const prefix = `${basename(path)}.${holder.split(' ')[0] ?? ''}.`;
  const names = readdirSync(dirname(path)).filter((name) => name.startsWith(prefix));
  for (const name of names) {
    const leftover = join(dirname(path), name);
    if (readIfPresent(leftover) === holder) rmSync(leftover, { force: true });
  }
}

function isAlive(identity: string): boolean {
  const [pidText, started] = identity.split(' ');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isErrno(error, 'EPERM');
  }
  const now = startTime(pid);
  // A pid is used again after a while; its start time tells the two apart where /proc exists.
  return now === undefined || started === '-' || now === started;
}

/** Start time in clock ticks since boot (field 22 of /proc/PID/stat); undefined where there is no /proc. */
function startTime(pid: number): string | undefined {
  const stat = readIfPresent(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets and may hold spaces.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
