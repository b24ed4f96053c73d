import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { forgetCheckout, recallCheckout, rememberCheckout } from './checkout-memory.ts';
import { EXIT } from './exit-codes.ts';
import { gitIn, parseWorktrees, repoOfRemote, requireGitOk } from './git.ts';
import { HubtabError } from './hubtab-error.ts';
import type { CliContext } from './context.ts';
import type { Git } from './git.ts';
import type { IssueRef } from './issue-ref.ts';
import type { Settings } from './settings.ts';

/** A fetch that takes longer is not worth the wait: the agent then starts from what is there. */
const FETCH_TIMEOUT_MS = 60_000;

/** What a directory is to git. */
type Found =
  | { kind: 'checkout'; path: string; repos: readonly string[] }
  | { kind: 'not-git' }
  | { kind: 'absent' };

/**
 * Absolute path of the main checkout to branch off from. In this order: `directory` if named (cloned there if it is
 * absent or empty), the checkout we stand in, the one that was used for this repository before, our own clone.
 * The caller holds the agent lock.
 *
 * @throws HubtabError if `directory` is something else, or if cloning failed; then nothing is left.
 */
export async function findCheckout(
  { repo }: IssueRef,
  directory: string | undefined,
  settings: Settings,
  context: CliContext,
): Promise<string> {
  const path =
    directory === undefined
      ? await chooseCheckout(repo, settings, context)
      : await namedCheckout(repo, resolve(context.cwd, directory), settings, context);
  rememberCheckout(context.env, repo, path);
  return path;
}

async function namedCheckout(
  repo: string,
  directory: string,
  settings: Settings,
  context: CliContext,
): Promise<string> {
  const found = await inspect(directory, context);
  if (found.kind === 'absent') return clone(repo, directory, settings, context);
  if (found.kind === 'not-git') {
    throw new HubtabError(
      EXIT.conflict,
      `${directory} is not a git checkout. Name a checkout of ${repo} with --dir, or a path that is free, to clone to.`,
    );
  }
  // A checkout without remotes cannot contradict whoever names it.
  if (found.repos.length === 0 || isCheckoutOf(found, repo)) return found.path;
  throw new HubtabError(
    EXIT.conflict,
    `${found.path} is a checkout of ${found.repos.join(', ')}, not of ${repo}. Name another directory with --dir.`,
  );
}

async function chooseCheckout(
  repo: string,
  settings: Settings,
  context: CliContext,
): Promise<string> {
  const own = join(settings.reposDir, repo);
  for (const candidate of [context.cwd, recallCheckout(context.env, repo), own]) {
    if (candidate === undefined) continue;
    const found = await inspect(candidate, context);
    if (found.kind === 'checkout' && isCheckoutOf(found, repo)) {
      if (found.path === own) await refresh(own, context);
      return found.path;
    }
  }
  forgetCheckout(context.env, repo);
  if (existsSync(own)) {
    throw new HubtabError(
      EXIT.conflict,
      `${own} is in the way: it is there and not a checkout of ${repo}. Move it away, or name a checkout with --dir.`,
    );
  }
  return clone(repo, own, settings, context);
}

/** Inside a linked worktree it is the main checkout that this belongs to. */
async function inspect(directory: string, context: CliContext): Promise<Found> {
  const stat = statSync(directory, { throwIfNoEntry: false });
  if (!stat || (stat.isDirectory() && readdirSync(directory).length === 0)) {
    return { kind: 'absent' };
  }
  if (!stat.isDirectory()) return { kind: 'not-git' };
  const git = gitIn(directory, context.env);
  const list = await git('worktree', 'list', '--porcelain');
  if (/dubious ownership/.test(list.stderr)) requireGitOk(list, `open ${directory}`);
  const path = list.code === 0 ? parseWorktrees(list.stdout)[0]?.path : undefined;
  return path === undefined
    ? { kind: 'not-git' }
    : { kind: 'checkout', path, repos: await remoteRepos(git) };
}

function isCheckoutOf(found: { repos: readonly string[] }, repo: string): boolean {
  return found.repos.some((each) => each.toLowerCase() === repo.toLowerCase());
}

async function remoteRepos(git: Git): Promise<string[]> {
  const { stdout } = await git('config', '--get-regexp', String.raw`^remote\..*\.url$`);
  const urls = stdout.split('\n').map((line) => line.slice(line.indexOf(' ') + 1));
  return urls.map(repoOfRemote).filter((repo) => repo !== undefined);
}

/** Clones beside the target and renames, so that a checkout is whole or absent. What a killed run left is removed. */
async function clone(
  repo: string,
  target: string,
  settings: Settings,
  context: CliContext,
): Promise<string> {
  const parent = dirname(target);
  await mkdir(parent, { recursive: true });
  const prefix = `.${basename(target)}.cloning-`;
  for (const name of readdirSync(parent).filter((each) => each.startsWith(prefix))) {
    rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 5 });
  }
  const partial = join(parent, `${prefix}${randomBytes(4).toString('hex')}`);
  const url = settings.cloneUrl.replaceAll('{repo}', repo);
  context.say(`Cloning ${url} into ${target} …`);
  try {
    const result = await gitIn(parent, context.env)('clone', '--quiet', '--', url, partial);
    if (result.code !== 0) {
      const remedy = `Clone it by hand and name it with --dir, or set "cloneUrl" in the settings.`;
      requireGitOk(result, `clone ${url} (${remedy})`);
    }
    // An empty directory may stand there; rename() replaces that and nothing else.
    renameSync(partial, target);
  } finally {
    rmSync(partial, { recursive: true, force: true, maxRetries: 5 });
  }
  return target;
}

/** Our own clones are only ever branched off from, so they may follow the remote; other people's checkouts are left alone. */
async function refresh(directory: string, context: CliContext): Promise<void> {
  const git = gitIn(directory, context.env, FETCH_TIMEOUT_MS);
  const { code } = await git('fetch', '--quiet', '--prune', 'origin');
  if (code !== 0) context.say('Could not fetch from the remote; starting from what is here.');
}
