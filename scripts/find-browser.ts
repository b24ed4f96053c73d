import { accessSync, constants } from 'node:fs';
import path from 'node:path';

export interface BrowserNames {
  /** Of the variable that names the program. */
  variable: string;
  programs: readonly string[];
  /** Debian's package. */
  debian: string;
}

/** @throws Error that says what to install, when the program is neither on PATH nor named by the variable */
export function findBrowser({ variable, programs, debian }: BrowserNames): string {
  const named = process.env[variable];
  const found = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .flatMap((directory) => programs.map((name) => path.join(directory, name)));
  const file = [...(named ? [named] : []), ...found].find(isExecutable);
  if (!file)
    throw new Error(
      `No ${debian} found. Install it (Debian: apt-get install ${debian}) or set ${variable}.`,
    );
  return file;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
