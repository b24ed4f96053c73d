import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { versionProblem } from './version.ts';

const run = promisify(execFile);

/**
 * Finds Headscale and checks that its version is one we support.
 * @param given path from the configuration; if unset, the project's own build, then PATH
 * @throws with a sentence that says what to install
 */
export async function findHeadscale(given: string | undefined): Promise<string> {
  const candidates = given === undefined ? [...projectBinaries(), ...pathBinaries()] : [given];
  const binary = candidates.find(isExecutable);
  if (binary === undefined) {
    throw new Error(
      given === undefined
        ? 'headscale: not found in .hubtab/bin or PATH; run `node scripts/setup.mjs`, or name it with headscale.binary'
        : `headscale.binary: ${given} is not an executable file`,
    );
  }
  const { stdout } = await run(binary, ['version'], { timeout: 10_000, env: headscaleEnv() });
  const problem = versionProblem(stdout);
  if (problem !== undefined) throw new Error(`headscale: ${binary}: ${problem}`);
  return binary;
}

/** Our environment without `HEADSCALE_*`, which would override the configuration that we write. */
export function headscaleEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('HEADSCALE_')),
  );
}

/** `.hubtab/bin` of the folders above this file: server/ is one level below the project, a bundle's dist/ too. */
function projectBinaries(): string[] {
  const here = import.meta.dirname;
  return [dirname(here), dirname(dirname(here))].map((root) =>
    join(root, '.hubtab', 'bin', 'headscale'),
  );
}

function pathBinaries(): string[] {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'headscale'));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
