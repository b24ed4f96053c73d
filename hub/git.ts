import { EXIT } from './exit-codes.ts';
import { findIn, pathDirectories } from './find-program.ts';
import { HubtabError } from './hubtab-error.ts';
import { runProgram } from './run-program.ts';
import type { CliContext } from './context.ts';
import type { ProgramResult } from './run-program.ts';

/** A checkout of a large repository takes minutes on a slow disk. */
const GIT_TIMEOUT_MS = 600_000;

/** Runs git in one directory; a failing exit code resolves. */
export type Git = (...args: readonly string[]) => Promise<ProgramResult>;

/**
 * @param timeoutMs after which git is ended
 * @throws HubtabError (prerequisite) if git is not installed.
 */
export function gitIn(directory: string, env: CliContext['env'], timeoutMs = GIT_TIMEOUT_MS): Git {
  const path = findIn(pathDirectories(env), 'git');
  if (path === undefined) {
    throw new HubtabError(
      EXIT.prerequisite,
      'git is not installed. Install it with `sudo apt install git` (Debian, Ubuntu) or your package manager.',
    );
  }
  // GIT_DIR and its like are set inside hooks and would send us to another repository.
  const kept = Object.entries(env).filter(
    ([name]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|PREFIX)$/.test(name),
  );
  const gitEnv = {
    // A question on a terminal that nobody watches would hang; what the user set goes first.
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
  };
  return (...args) => runProgram(path, ['-C', directory, ...args], { env: gitEnv, timeoutMs });
}

/** @throws HubtabError with git's words if it failed. */
export function requireGitOk(result: ProgramResult, doing: string): string {
  if (result.code === 0) return result.stdout;
  const words = result.stderr
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('Preparing'));
  throw new HubtabError(
    EXIT.failed,
    `${doing}: git said: ${words.join(' ') || 'nothing (it was ended)'}`,
  );
}

/** `owner/name` of a remote's URL (https, ssh, scp form, or a path); undefined if there are no two parts. */
export function repoOfRemote(url: string): string | undefined {
  const path = url
    .trim()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  const match = /[/:]([^/:]+)\/([^/:]+)$/.exec(path);
  return match ? `${match[1]}/${match[2]}` : undefined;
}

/** One entry of `git worktree list --porcelain`. */
export interface Worktree {
  readonly path: string;
  /** Without `refs/heads/`; undefined if detached or bare. */
  readonly branch: string | undefined;
  /** git sets this lock while it makes the worktree: left over, its making was killed. */
  readonly isInitializing: boolean;
}

/** Parses `git worktree list --porcelain`; the first entry is the main checkout. */
export function parseWorktrees(porcelain: string): Worktree[] {
  return porcelain
    .split('\n\n')
    .filter((block) => block.startsWith('worktree '))
    .map((block) => {
      const lines = block.split('\n');
      const valueOf = (key: string) =>
        lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
      return {
        path: valueOf('worktree') ?? '',
        branch: valueOf('branch')?.replace(/^refs\/heads\//, ''),
        isInitializing: valueOf('locked') === 'initializing',
      };
    });
}
