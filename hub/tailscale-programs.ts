import { isAbsolute, join } from 'node:path';
import { EXIT } from './exit-codes.ts';
import { checkoutDirectories, findIn, pathDirectories } from './find-program.ts';
import { HubtabError } from './hubtab-error.ts';
import { dataDirectory } from './paths.ts';
import { runProgram } from './run-program.ts';
import { downloadTailscale } from './tailscale-download.ts';
import type { CliContext } from './context.ts';

export interface TailscalePrograms {
  /** Absolute path of the command line program. */
  readonly tailscale: string;
  /** Absolute path of the daemon. */
  readonly tailscaled: string;
  /** Such as `1.102.5`. */
  readonly version: string;
}

/** Where to take tailscale and tailscaled from. */
export interface TailscaleSource {
  /** Directory named on the command line. */
  readonly option?: string | undefined;
  /** Directory that `join` was given. */
  readonly remembered?: string | undefined;
  /** Server that may have them to download; if unset, nothing is downloaded. */
  readonly serverUrl?: string | undefined;
}

/** Headscale 0.29 refuses older clients. */
const OLDEST_VERSION = [1, 80] as const;

/**
 * Finds tailscale and tailscaled, both in one place, so that their versions fit: the directory that was named
 * (option, then HUBTAB_TAILSCALE_DIR, then what `join` remembered), else PATH and the system's sbin, else the checkout,
 * else our own, where they are downloaded to from the control server if need be.
 *
 * @throws HubtabError (prerequisite) that says where it looked and how to get them.
 */
export async function requireTailscale(
  context: CliContext,
  source: TailscaleSource,
): Promise<TailscalePrograms> {
  const { env } = context;
  const explicit = source.option ?? env['HUBTAB_TAILSCALE_DIR'];
  if (explicit !== undefined) {
    const found = isAbsolute(explicit) ? await programsIn([explicit]) : undefined;
    if (found) return requireNewEnough(found);
    throw new HubtabError(
      EXIT.prerequisite,
      `no tailscale and tailscaled in ${JSON.stringify(explicit)}. Give the absolute path of the directory that holds both.`,
    );
  }
  // Daemons are often in sbin, which is not in an ordinary user's PATH.
  const system = [...pathDirectories(env), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  const own = ownDirectory(env);
  const remembered = source.remembered === undefined ? [] : [source.remembered];
  let tooOld: TailscalePrograms | undefined;
  for (const directories of [remembered, system, checkoutDirectories(), [own]]) {
    const found = await programsIn(directories);
    if (found && isNewEnough(found.version)) return found;
    tooOld ??= found;
  }
  if (source.serverUrl !== undefined && (await downloadTailscale(source.serverUrl, own, context))) {
    const downloaded = await programsIn([own]);
    if (downloaded) return requireNewEnough(downloaded);
  }
  if (tooOld) return requireNewEnough(tooOld);
  throw new HubtabError(
    EXIT.prerequisite,
    `tailscale and tailscaled are not installed. ${howToInstall(own)}`,
  );
}

/** Where programs from the control server go. */
function ownDirectory(env: CliContext['env']): string {
  return join(dataDirectory(env), 'bin');
}

function howToInstall(own: string): string {
  const module = 'tailscale.com/cmd';
  return `Install the package from https://tailscale.com/download (on macOS \`brew install tailscale\`; its service need not run), or build them with Go 1.26: GOBIN=${own} go install ${module}/tailscale@v1.102.5 ${module}/tailscaled@v1.102.5 . Programs elsewhere are named with --tailscaled-dir DIR or HUBTAB_TAILSCALE_DIR.`;
}

async function programsIn(directories: readonly string[]): Promise<TailscalePrograms | undefined> {
  const tailscale = findIn(directories, 'tailscale');
  const tailscaled = findIn(directories, 'tailscaled');
  if (tailscale === undefined || tailscaled === undefined) return undefined;
  const { stdout } = await runProgram(tailscaled, ['--version'], { timeoutMs: 10_000 }).catch(
    // A program for another processor cannot be started at all.
    () => ({ stdout: '' }),
  );
  const version = /^\d+\.\d+\.\d+/.exec(stdout)?.[0];
  return version === undefined ? undefined : { tailscale, tailscaled, version };
}

function requireNewEnough(programs: TailscalePrograms): TailscalePrograms {
  if (isNewEnough(programs.version)) return programs;
  throw new HubtabError(
    EXIT.prerequisite,
    `${programs.tailscaled} is version ${programs.version}, the network needs ${OLDEST_VERSION.join('.')} or later. Update it from https://tailscale.com/download, or name another with --tailscaled-dir DIR.`,
  );
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST_VERSION[0] || (major === OLDEST_VERSION[0] && minor >= OLDEST_VERSION[1]);
}
