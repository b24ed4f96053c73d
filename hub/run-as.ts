import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from './exit-codes.ts';
import { findIn } from './find-program.ts';
import { HubtabError } from './hubtab-error.ts';
import { programFile } from './program-file.ts';
import { runOnTerminal, runProgram } from './run-program.ts';
import type { CliContext } from './context.ts';

/** What the other user's process gets of root's environment: nothing of root's home or session. */
const PASSED_VARIABLES =
  /^(PATH|TERM|LANG|LC_\w+|TZ|(https?|all|no)_proxy|SSL_CERT_(FILE|DIR)|HUBTAB_\w+)$/i;

/** The user of `--user NAME` and the arguments without it; undefined if there is none. */
export function takeUser(
  argv: readonly string[],
): { user: string; rest: readonly string[] } | undefined {
  const end = argv.indexOf('--');
  const own = end === -1 ? argv : argv.slice(0, end);
  const at = own.findIndex((word) => word === '--user' || word.startsWith('--user='));
  if (at === -1) return undefined;
  const isJoined = own[at] !== '--user';
  const user = isJoined ? own[at]?.slice('--user='.length) : own[at + 1];
  return { user: user ?? '', rest: argv.toSpliced(at, isJoined ? 1 : 2) };
}

/**
 * Root's way to run a command as an ordinary user, on this terminal and with this stdin.
 *
 * @returns the exit code of the command
 * @throws HubtabError if there is no such user, or no program that changes to it
 */
export async function runAs(
  user: string,
  argv: readonly string[],
  { env }: CliContext,
): Promise<number> {
  const uid = await requireUser(user);
  const { path, isBundle } = programFile();
  // root's files are often where others cannot read them.
  const directory = isBundle ? mkdtempSync(join(tmpdir(), 'hubtab-')) : undefined;
  try {
    const program = directory === undefined ? path : copyTo(directory, path);
    const passed = Object.entries(env).filter(([name]) => PASSED_VARIABLES.test(name));
    const runtime = `/run/user/${uid}`;
    const userEnv = {
      ...Object.fromEntries(passed),
      // Where the user's systemd listens, if it runs.
      ...(existsSync(runtime) ? { XDG_RUNTIME_DIR: runtime } : {}),
    };
    const [changer, ...args] = changeUser(user);
    return await runOnTerminal(
      changer,
      [...args, process.execPath, program, ...argv],
      userEnv,
      '/',
    );
  } finally {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  }
}

function copyTo(directory: string, path: string): string {
  chmodSync(directory, 0o755);
  const copy = join(directory, 'hubtab.mjs');
  copyFileSync(path, copy);
  chmodSync(copy, 0o755);
  return copy;
}

async function requireUser(user: string): Promise<number> {
  const id = /^[a-z_][a-z0-9_.-]{0,31}$/.test(user)
    ? await runProgram('/usr/bin/id', ['-u', user])
    : undefined;
  const uid = Number(id?.stdout);
  if (id?.code === 0 && uid > 0) return uid;
  throw new HubtabError(
    EXIT.prerequisite,
    uid === 0 && id?.code === 0
      ? '--user must be an ordinary user, not root.'
      : `there is no user ${JSON.stringify(user)} on this machine. Make one with \`useradd -m NAME\`, or name another.`,
  );
}

/** A command that sets up all groups of the user; Node's own uid and gid options would drop them. */
function changeUser(user: string): [string, ...string[]] {
  const directories = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  const runuser = findIn(directories, 'runuser');
  if (runuser !== undefined) return [runuser, '-u', user, '--'];
  const sudo = findIn(directories, 'sudo');
  if (sudo !== undefined) return [sudo, '-H', '-E', '-u', user, '--'];
  throw new HubtabError(
    EXIT.prerequisite,
    `neither runuser nor sudo is here. Log in as ${user} and run this again without --user.`,
  );
}
