import { existsSync, realpathSync, rmdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EXIT } from './exit-codes.ts';
import { gitIn, parseWorktrees, requireGitOk } from './git.ts';
import { HubtabError } from './hubtab-error.ts';
import { findProcessWith } from './own-process.ts';
import { waitUntil } from './wait-until.ts';
import type { CliContext } from './context.ts';
import type { Git, Worktree } from './git.ts';
import type { IssueRef } from './issue-ref.ts';

/** A checkout that takes longer goes on, and then git refuses to remove it, in words. */
const ORPHAN_DEADLINE_MS = 60_000;

export interface IssueWorktree {
  readonly path: string;
  readonly branch: string;
}

/** Where the worktree of an issue stands: `../<checkout>-worktrees/issue-<N>`, beside the checkout and never in it. */
function worktreePath(checkout: string, issue: number): string {
  return join(dirname(checkout), `${basename(checkout)}-worktrees`, `issue-${issue}`);
}

/**
 * Makes the worktree of an issue on branch `issue-<N>`, or uses the one that is there. The caller holds the agent lock.
 *
 * @param base branch or commit to start from; if unset, the remote's default branch, else the checkout's HEAD
 * @throws HubtabError with git's words; then nothing is left.
 */
export async function ensureWorktree(
  checkout: string,
  ref: IssueRef,
  base: string | undefined,
  env: CliContext['env'],
): Promise<IssueWorktree> {
  const git = gitIn(checkout, env);
  const branch = `issue-${ref.issue}`;
  const path = worktreePath(checkout, ref.issue);
  const known = await findWorktree(git, path);
  if (known && !known.isInitializing && existsSync(join(path, '.git'))) return { path, branch };
  if (known?.isInitializing) {
    // Its making was killed, so nobody has worked in it. Two --force, because git has locked it.
    requireGitOk(
      await git('worktree', 'remove', '--force', '--force', path),
      `remove the unfinished ${path}`,
    );
  } else if (!known && existsSync(path)) {
    throw new HubtabError(
      EXIT.conflict,
      `${path} is in the way: it is there and not a worktree of ${checkout}. Move it away.`,
    );
  }
  const hasBranch =
    (await git('rev-parse', '--verify', '--quiet', `refs/heads/${branch}`)).code === 0;
  const add = hasBranch
    ? [path, branch]
    : ['--no-track', '-b', branch, path, await baseCommit(git, base)];
  // --force only for a worktree that is registered and whose directory was deleted.
  const force = known ? ['--force'] : [];
  const added = await git('worktree', 'add', ...force, ...add);
  if (added.code !== 0) {
    // git takes back the directory but not the branch.
    if (!hasBranch) await git('branch', '-D', '--quiet', branch);
    removeIfEmpty(dirname(path));
  }
  requireGitOk(added, `make the worktree ${path}`);
  return { path, branch };
}

/** The git of a start that was killed goes on by itself: while it does, its worktree is waited for. */
async function findWorktree(git: Git, path: string): Promise<Worktree | undefined> {
  const look = async () => {
    const list = requireGitOk(await git('worktree', 'list', '--porcelain'), 'list worktrees');
    return parseWorktrees(list).find((each) => isSamePath(each.path, path));
  };
  const settled = await waitUntil(async () => {
    const known = await look();
    const isAtWork = known?.isInitializing && (await findProcessWith(path)) !== undefined;
    return isAtWork ? undefined : { known };
  }, ORPHAN_DEADLINE_MS);
  return settled ? settled.known : look();
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Other worktrees stand in it, or it was never made.
  }
}

/** What would be lost with the worktree, in words; undefined if nothing. Commits stay on its branch. */
export async function unsavedWork(
  worktree: string,
  env: CliContext['env'],
): Promise<string | undefined> {
  const git = gitIn(worktree, env);
  const status = await git('status', '--porcelain', '--untracked-files=normal');
  if (status.code !== 0) return 'git cannot tell what is in it';
  const changes = status.stdout.split('\n').filter((line) => line !== '').length;
  return changes > 0 ? `${changes} uncommitted change${changes === 1 ? '' : 's'}` : undefined;
}

/**
 * Removes a worktree without uncommitted changes; its branch stays.
 *
 * @throws HubtabError with git's words
 */
export async function removeWorktree(worktree: string, env: CliContext['env']): Promise<void> {
  const common = await gitIn(worktree, env)(
    'rev-parse',
    '--path-format=absolute',
    '--git-common-dir',
  );
  const gitDir = requireGitOk(common, `find the checkout of ${worktree}`).trim();
  // From the repository, because git does not remove the directory it stands in. No --force: it looks again.
  requireGitOk(await gitIn(gitDir, env)('worktree', 'remove', worktree), `remove ${worktree}`);
  removeIfEmpty(dirname(worktree));
}

function isSamePath(one: string, other: string): boolean {
  return one === other || one === realIfPresent(other);
}

function realIfPresent(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

async function baseCommit(git: Git, base: string | undefined): Promise<string> {
  const wanted =
    base === undefined
      ? ['refs/remotes/origin/HEAD', 'HEAD']
      : [base, `refs/remotes/origin/${base}`];
  for (const name of wanted) {
    const { code, stdout } = await git(
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${name}^{commit}`,
    );
    if (code === 0) return stdout.trim();
  }
  throw new HubtabError(
    EXIT.failed,
    base === undefined
      ? 'the checkout has no commit yet; an agent needs one to start from.'
      : `there is no branch or commit ${JSON.stringify(base)} in the checkout.`,
  );
}
