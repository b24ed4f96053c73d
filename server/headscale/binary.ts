import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, createReadStream, existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { shortVersion } from './upgrade-step.ts';
import { versionProblem } from './version.ts';

const run = promisify(execFile);

/**
 * Finds Headscale and checks that its version is one we support.
 * @param given path from the configuration; if unset, the project's own build, then PATH
 * @param pinned its SHA-256 from the configuration
 * @returns its path, and its version such as `0.29.3`
 * @throws with a sentence that says what to install
 */
export async function findHeadscale(
  given: string | undefined,
  pinned?: string,
): Promise<{ binary: string; version: string }> {
  const binary = findProgram('headscale', given, 'headscale.binary');
  await assertUntouched(binary, pinned);
  const { stdout } = await run(binary, ['version'], { timeout: 10_000, env: headscaleEnv() });
  const problem = versionProblem(stdout);
  if (problem !== undefined) throw new Error(`headscale: ${binary}: ${problem}`);
  return { binary, version: shortVersion(stdout) };
}

/**
 * Checks that a Headscale is the one that is meant, before any of it runs.
 * @param pinned SHA-256 from the configuration, in hex; if unset, what set-up wrote beside the program, if it did
 * @throws with a sentence that says what to do
 */
export async function assertUntouched(binary: string, pinned: string | undefined): Promise<void> {
  const written = `${binary}.sha256`;
  const expected =
    pinned ?? (existsSync(written) ? readFileSync(written, 'utf8').trim() : undefined);
  if (expected === undefined) return;
  const hash = createHash('sha256');
  await pipeline(createReadStream(binary), hash);
  if (hash.digest('hex') === expected) return;
  const where = pinned === undefined ? written : 'headscale.sha256';
  throw new Error(
    `headscale: ${binary} is not the program that ${where} names, so it is not started. ` +
      'Build or install it again; if you changed it yourself, change its checksum there.',
  );
}

/**
 * Finds the relay's program.
 * @throws with a sentence that says what to install
 */
export function findDerper(given: string | undefined): string {
  return findProgram('derper', given, 'relay.binary');
}

function findProgram(name: string, given: string | undefined, setting: string): string {
  const candidates =
    given === undefined ? [...projectBinaries(name), ...pathBinaries(name)] : [given];
  const binary = candidates.find(isExecutable);
  if (binary !== undefined) return binary;
  throw new Error(
    given === undefined
      ? `${name}: not found in .hubtab/bin or PATH; run \`node scripts/setup.mjs\`, or name it with ${setting}`
      : `${setting}: ${given} is not an executable file`,
  );
}

/** Our environment without `HEADSCALE_*`, which would override the configuration that we write. */
export function headscaleEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('HEADSCALE_')),
  );
}

/** `.hubtab/bin` of the folders above this file: server/ is one level below the project, a bundle's dist/ too. */
function projectBinaries(name: string): string[] {
  const here = import.meta.dirname;
  return [dirname(here), dirname(dirname(here))].map((root) => join(root, '.hubtab', 'bin', name));
}

function pathBinaries(name: string): string[] {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
