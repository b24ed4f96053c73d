import { userInfo } from 'node:os';
import { EXIT } from './exit-codes.ts';
import { findIn, pathDirectories } from './find-program.ts';
import { HubtabError } from './hubtab-error.ts';
import { runProgram } from './run-program.ts';
import type { CliContext } from './context.ts';

export interface TmuxProgram {
  /** Absolute. */
  readonly path: string;
  /** As tmux says it, such as `3.3a`. */
  readonly version: string;
}

/** 3.2 brought `-T` for attach and `-f` for control clients, which the terminal needs. */
const OLDEST_TMUX = { major: 3, minor: 2 };

const INSTALL_TMUX =
  'Install it with `sudo apt install tmux` (Debian, Ubuntu), `sudo dnf install tmux` (Fedora) or `brew install tmux` (macOS).';

/** @throws HubtabError (prerequisite) if this is root, or a user whose name the server cannot take. */
export function requireOrdinaryUser(what: string): string {
  const { username, uid } = userInfo();
  if (uid === 0) {
    throw new HubtabError(
      EXIT.prerequisite,
      `${what} does not run as root: the network lets nobody in as root, and whoever is in an agent's terminal would own the machine. Add --user NAME with the ordinary user who is to work here (\`useradd -m NAME\` makes one); Hubtab then goes on as that user.`,
    );
  }
  if (!/^[a-z_][a-z0-9_.-]{0,31}$/.test(username)) {
    throw new HubtabError(
      EXIT.prerequisite,
      `the user name ${JSON.stringify(username)} cannot be used over SSH. Run this as a user whose name has lower-case letters, digits, - and _ only.`,
    );
  }
  return username;
}

/** @throws HubtabError (prerequisite) that says how to install tmux, if it is missing or too old. */
export async function requireTmux(env: CliContext['env']): Promise<TmuxProgram> {
  const path = findIn(pathDirectories(env), 'tmux');
  if (path === undefined) {
    throw new HubtabError(EXIT.prerequisite, `tmux is not installed. ${INSTALL_TMUX}`);
  }
  const { stdout, stderr } = await runProgram(path, ['-V'], { env });
  const version = stdout.trim().replace(/^tmux\s+/, '');
  if (!isTmuxNewEnough(version)) {
    throw new HubtabError(
      EXIT.prerequisite,
      `${path} is version ${JSON.stringify(version || stderr.trim())}, Hubtab needs tmux 3.2 or later. ${INSTALL_TMUX}`,
    );
  }
  return { path, version };
}

/** Whether `tmux -V` names 3.2 or later. Versions without a number, such as `master`, are newer than any release. */
export function isTmuxNewEnough(version: string): boolean {
  if (version === '') return false;
  const match = /(\d+)\.(\d+)/.exec(version);
  // OpenBSD numbers its tmux like the system; 6.9 is the first with 3.2.
  if (version.startsWith('openbsd-')) return Number(match?.[1]) * 10 + Number(match?.[2]) >= 69;
  if (!match) return /^[a-z]/.test(version);
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > OLDEST_TMUX.major || (major === OLDEST_TMUX.major && minor >= OLDEST_TMUX.minor);
}
