import { realpathSync, statSync } from 'node:fs';
import { installedProgram } from './self-install.ts';
import { programFile } from './program-file.ts';
import type { CliContext } from './context.ts';
import type { HubPaths } from './paths.ts';

/**
 * Answers whether a new version was installed over the program that runs. A program that runs from elsewhere (a checkout, a
 * package) is another's to restart.
 */
export function watchProgram(env: CliContext['env']): () => boolean {
  const { path } = programFile();
  const started = identity(path);
  if (started === undefined || path !== realPath(installedProgram(env))) return () => false;
  return () => ![started, undefined].includes(identity(path));
}

/** Whether this Node can replace itself by another program (22.15 and later, not on Windows). */
export function canBecomeNewVersion(): boolean {
  return typeof process.execve === 'function';
}

/**
 * Becomes the installed program with the same arguments, under the same process id: whoever supervises this process, be it
 * a container of which it is the first, sees nothing end.
 */
export function becomeNewVersion({ launcher }: HubPaths): never {
  const words = ['sh', launcher, ...process.argv.slice(2)];
  if (!process.execve) throw new Error('invariant: this Node cannot replace itself');
  return process.execve('/bin/sh', words, process.env);
}

function identity(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}

function realPath(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false }) ? realpathSync(path) : undefined;
}
