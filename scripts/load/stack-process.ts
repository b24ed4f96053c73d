import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { childOf } from '../bench/processes.ts';
import { root } from '../paths.ts';
import type { StackInfo } from '../stack/start.ts';

/** `npm run stack` as a process of its own, so that what server and Headscale cost is theirs alone. */
export interface StackProcess {
  info: StackInfo;
  /** Process ids. */
  server: number;
  headscale: number;
  stop(): Promise<void>;
}

/** Starts it with accounts that have no hubs. @throws Error when it does not come up */
export async function startStackProcess(accounts: number): Promise<StackProcess> {
  const script = path.join(root, 'scripts', 'stack.ts');
  const child = spawn(process.execPath, [script, '--accounts', String(accounts), '--hubs', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const over = ended.then(([status]) => Promise.reject(new Error(`stack ended with ${status}`)));
  over.catch(() => {}); // it does, in the end
  try {
    const lines = createInterface(child.stdout);
    const [line] = (await Promise.race([once(lines, 'line'), over])) as [string];
    const server = child.pid;
    if (server === undefined) throw new Error('invariant: a process that speaks has an id');
    const info = JSON.parse(line) as StackInfo; // scripts/stack.ts of this checkout
    return { info, server, headscale: await childOf(server, 'headscale'), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
