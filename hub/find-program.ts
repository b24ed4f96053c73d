import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { CliContext } from './context.ts';

/** Absolute path of an executable file in one of these directories, the first that has it. */
export function findIn(directories: readonly string[], name: string): string | undefined {
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

/** Absolute directories of PATH. Relative ones are left out: what they hold depends on where one stands. */
export function pathDirectories(env: CliContext['env']): string[] {
  return (env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
}

/** Where `npm run setup` puts the Go programs, if this file runs from a checkout and not from a bundle. */
export function checkoutDirectories(): string[] {
  const root = resolve(import.meta.dirname, '..');
  return existsSync(join(root, 'hub', 'find-program.ts')) ? [join(root, '.hubtab', 'bin')] : [];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
