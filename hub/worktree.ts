import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EXIT } from './exit-codes.ts';
import { gitIn, parseWorktrees, repoOfRemote, requireGitOk } from './git.ts';
import { HubtabError } from './hubtab-error.ts';
import type { CliContext } from './context.ts';
import type { Git } from './git.ts';
import type { IssueRef } from './issue-ref.ts';

export interface IssueWorktree {
  readonly path: string;
  readonly branch: string;
}

/**
 * Absolute path of the main checkout to branch off from: `directory` if named, else where we stand. Inside a linked
 * worktree it is the checkout that this belongs to.
 *
 * @throws HubtabError if that is no checkout of the repository.
 */
export async function findCheckout(
  ref: IssueRef,
  directory: string | undefined,
  context: CliContext,
): Promise<string> {
  const start = resolve(context.cwd, directory ?? '.');
  const remedy =
    directory === undefined
      ? `Run this in a checkout of ${ref.repo}, or name one with --dir PATH.`
      : `Clone it there first: git clone URL-OF-${ref.repo} ${start}`;
  if (!statSync(start, { throwIfNoEntry: false })?.isDirectory()) {
    throw new HubtabError(EXIT.failed, `${start} is not there. ${remedy}`);
  }
  const git = gitIn(start, context.env);
  const list = await git('worktree', 'list', '--porcelain');
  if (/dubious ownership/.test(list.stderr)) requireGitOk(list, `open ${start}`);
  const main = list.code === 0 ? parseWorktrees(list.stdout)[0]?.path : undefined;
  if (main === undefined) {
    throw new HubtabError(EXIT.failed, `${start} is not a git checkout. ${remedy}`);
  }
  const remotes = await remoteRepos(git);
  const isIt = remotes.some((repo) => repo.toLowerCase() === ref.repo.toLowerCase());
  // A checkout without remotes cannot contradict whoever names it.
  if (!isIt && (remotes.length > 0 || directory === undefined)) {
    const found = remotes.length > 0 ? `of ${remotes.join(', ')}` : 'without remotes';
    throw new HubtabError(
      EXIT.failed,
      `${main} is a checkout ${found}, not of ${ref.repo}. ${remedy}`,
    );
  }
  return main;
}

async function remoteRepos(git: Git): Promise<string[]> {
  const { stdout } = await git('config', '--get-regexp', String.raw`^remote\..*\.url$`);
  const urls = stdout.split('\n').map((line) => line.slice(line.indexOf(' ') + 1));
  return urls.map(repoOfRemote).filter((repo) => repo !== undefined);
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
  const listed = parseWorktrees(
    requireGitOk(await git('worktree', 'list', '--porcelain'), 'list worktrees'),
  );
  const known = listed.find((each) => each.path === path || each.path === realIfPresent(path));
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
  requireGitOk(await git('worktree', 'add', ...force, ...add), `make the worktree ${path}`);
  return { path, branch };
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
