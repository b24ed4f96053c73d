import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** What Linux says of running processes. */

/** Resident memory of a process, MiB. */
export async function rssMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (!kilobytes) throw new Error(`process ${pid} has no memory: it has ended`);
  return Number(kilobytes) / 1024;
}

/** CPU time that the threads of a process have had, ms. Threads that ended are not in it: compare two readings when idle. */
export async function cpuMs(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    threads.map(async (thread) => {
      const schedule = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(
        () => '0',
      );
      return Number(schedule.split(' ')[0]) / 1e6;
    }),
  );
  return times.reduce((sum, time) => sum + time, 0);
}

/**
 * The process in which everything of the extension runs, of the browser that has this profile.
 * @throws Error when there is none, or more than one
 */
export async function extensionProcess(profile: string): Promise<number> {
  const all = await processes();
  const browser = all.find(
    ({ line }) => line.includes(`--user-data-dir=${profile}\0`) && !line.includes('--type='),
  );
  const isBelow = (pid: number, ancestor: number | undefined): boolean => {
    const parent = all.find((one) => one.pid === pid)?.parent;
    return parent !== undefined && (parent === ancestor || isBelow(parent, ancestor));
  };
  const found = all.filter(
    ({ pid, line }) => line.includes('--extension-process') && isBelow(pid, browser?.pid),
  );
  const [one] = found;
  if (!one || found.length > 1)
    throw new Error(`expected one process of extensions, found ${found.length}`);
  return one.pid;
}

/** The child of a process that runs a program of this name. @throws Error when there is none */
export async function childOf(parent: number, name: string): Promise<number> {
  const child = (await processes()).find(
    (one) => one.parent === parent && path.basename(one.line.split('\0')[0] ?? '') === name,
  );
  if (child) return child.pid;
  throw new Error(`process ${parent} has no child ${name}`);
}

async function processes(): Promise<{ pid: number; parent: number; line: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const read = async (pid: number) => {
    try {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return [{ pid, line, parent: Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]) }];
    } catch {
      return []; // it has ended
    }
  };
  return (await Promise.all(pids.map(read))).flat();
}
