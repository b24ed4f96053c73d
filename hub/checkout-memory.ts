import { join } from 'node:path';
import { z } from 'zod';
import { dataDirectory } from './paths.ts';
import { ensurePrivateDirectory, readIfPresent, writePrivateFile } from './private-files.ts';
import type { CliContext } from './context.ts';

/** Repository, in lower case, to the checkout that was last used for it. */
const Memory = z.record(z.string(), z.string());

/** Where the repository's agents started from last time; undefined if nowhere. */
export function recallCheckout(env: CliContext['env'], repo: string): string | undefined {
  return read(env)[repo.toLowerCase()];
}

export function rememberCheckout(env: CliContext['env'], repo: string, path: string): void {
  if (recallCheckout(env, repo) !== path) write(env, { ...read(env), [repo.toLowerCase()]: path });
}

export function forgetCheckout(env: CliContext['env'], repo: string): void {
  const memory = read(env);
  if (!(repo.toLowerCase() in memory)) return;
  delete memory[repo.toLowerCase()];
  write(env, memory);
}

function memoryFile(env: CliContext['env']): string {
  return join(dataDirectory(env), 'checkouts.json');
}

/** A damaged file costs only convenience, so it counts as empty. */
function read(env: CliContext['env']): Record<string, string> {
  try {
    return Memory.parse(JSON.parse(readIfPresent(memoryFile(env)) ?? '{}'));
  } catch {
    return {};
  }
}

function write(env: CliContext['env'], memory: Record<string, string>): void {
  ensurePrivateDirectory(dataDirectory(env));
  writePrivateFile(memoryFile(env), `${JSON.stringify(memory, null, 2)}\n`);
}
