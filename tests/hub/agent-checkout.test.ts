import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HubHome } from './hub-home.ts';

let home: HubHome;
beforeEach(() => {
  home = new HubHome();
});
afterEach(() => home.remove());

function start(repo: string, issue: number, ...more: string[]) {
  return home.hubtab(['agent', 'start', '--repo', repo, '--issue', String(issue), ...more]);
}

async function commitTo(bare: string, file: string): Promise<void> {
  const work = join(home.path, 'work');
  await home.ok('git', ['clone', '-q', bare, work]);
  await home.ok('touch', [file], work);
  await home.ok('git', ['add', '.'], work);
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.test'];
  await home.ok('git', [...who, 'commit', '-q', '-m', file], work);
  await home.ok('git', ['push', '-q'], work);
  await home.ok('rm', ['-rf', work]);
}

it('clones what is not here, and starts the next issue from what the remote has then', async () => {
  const bare = await home.makeRemote('acme/site');
  const first = await start('acme/site', 1);
  expect(first).toMatchObject({ code: 0, stdout: 'agent-acme-site-1\n' });
  await commitTo(bare, 'news');
  expect(await start('acme/site', 2)).toEqual({
    code: 0,
    stdout: 'agent-acme-site-2\n',
    stderr: '',
  });
  const owner = join(home.path, 'hubtab', 'acme');
  expect(readdirSync(owner).sort()).toEqual(['site', 'site-worktrees']);
  expect(existsSync(join(owner, 'site-worktrees', 'issue-2', 'news'))).toBe(true);
  // The main checkout stays where it was.
  expect(existsSync(join(owner, 'site', 'news'))).toBe(false);
  expect(await home.ok('git', ['status', '--porcelain'], join(owner, 'site'))).toBe('');
});

it('clones to the directory that is named, and remembers it', async () => {
  await home.makeRemote('acme/site');
  const dir = join(home.path, 'code', 'my site');
  expect(await start('acme/site', 1, '--dir', dir)).toMatchObject({ code: 0 });
  expect(await start('Acme/Site', 2)).toEqual({
    code: 0,
    stdout: 'agent-Acme-Site-2\n',
    stderr: '',
  });
  expect(readdirSync(`${dir}-worktrees`).sort()).toEqual(['issue-1', 'issue-2']);
});

it('says what to do when it cannot clone, and leaves nothing', async () => {
  await home.makeRemote('acme/site');
  const result = await start('acme/other', 1);
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toContain('name it with --dir');
  expect(readdirSync(join(home.path, 'hubtab', 'acme'))).toEqual([]);
  expect((await home.hubtab(['agent', 'list', '--json'])).stdout).toBe('[]\n');
  await home.writeSettings({ cloneUrl: 'ext::sh -c id {repo}' });
  expect((await start('acme/site', 1)).stderr).toContain('settings.json cannot be used');
});

it('starts from the base that is named, and takes up a branch that exists', async () => {
  const bare = await home.makeRemote('acme/site');
  await home.ok('git', ['branch', 'release', 'main'], bare);
  await commitTo(bare, 'news');
  expect(await start('acme/site', 1, '--base', 'release')).toMatchObject({ code: 0 });
  const site = join(home.path, 'hubtab', 'acme', 'site');
  expect(existsSync(join(`${site}-worktrees`, 'issue-1', 'news'))).toBe(false);
  await home.ok('git', ['branch', '--no-track', 'issue-2', 'origin/release'], site);
  expect(await start('acme/site', 2)).toMatchObject({ code: 0 });
  expect(existsSync(join(`${site}-worktrees`, 'issue-2', 'news'))).toBe(false);
});

it('runs what the settings name when the command line names nothing', async () => {
  await home.makeRemote('acme/site');
  await home.writeSettings({
    cloneUrl: `file://${home.path}/remotes/{repo}.git`,
    command: ['sh', '-c', 'echo "from the settings"; exec cat'],
  });
  await start('acme/site', 1);
  const logs = async () => (await home.hubtab(['agent', 'logs', 'agent-acme-site-1'])).stdout;
  await expect.poll(logs, { timeout: 10_000 }).toBe('from the settings\n');
});

it('asks a program to end, and removes its worktree only when that is clean', async () => {
  await home.makeRemote('acme/site');
  const said = join(home.path, 'said');
  const program = `trap 'touch "${said}"; exit' TERM; echo ready; while :; do sleep 0.1; done`;
  await start('acme/site', 1, '--', 'sh', '-c', program);
  const name = 'agent-acme-site-1';
  const worktree = join(home.path, 'hubtab', 'acme', 'site-worktrees', 'issue-1');
  const logs = async () => (await home.hubtab(['agent', 'logs', name, '--lines', '1'])).stdout;
  await expect.poll(logs, { timeout: 10_000 }).toBe('ready\n');
  await home.ok('touch', ['unsaved'], worktree);
  const refused = await home.hubtab(['agent', 'stop', name, '--remove']);
  expect(refused).toMatchObject({ code: 7 });
  expect(refused.stderr).toContain('has 1 uncommitted change');
  // Nothing was stopped.
  expect(existsSync(said)).toBe(false);
  await home.ok('rm', ['unsaved'], worktree);
  const stopped = await home.hubtab(['agent', 'stop', name, '--remove', '--json']);
  expect(stopped).toMatchObject({ code: 0 });
  expect(JSON.parse(stopped.stdout)).toEqual({ session: name, worktree, isWorktreeRemoved: true });
  expect(existsSync(said)).toBe(true);
  expect(existsSync(worktree)).toBe(false);
  const site = join(home.path, 'hubtab', 'acme', 'site');
  expect(await home.ok('git', ['branch', '--list', 'issue-1'], site)).toContain('issue-1');
});

it('takes a checkout without a remote for what it is named, and says when there is nothing to start from', async () => {
  const site = join(home.path, 'alone');
  await home.ok('git', ['init', '-q', '-b', 'main', site]);
  const empty = await start('acme/site', 1, '--dir', site);
  expect(empty).toMatchObject({ code: 1, stdout: '' });
  expect(empty.stderr).toMatch(/no commit/);
  expect(existsSync(`${site}-worktrees`)).toBe(false);
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.test'];
  await home.ok('git', [...who, 'commit', '-q', '--allow-empty', '-m', 'first'], site);
  const started = await start('acme/site', 1, '--dir', site);
  expect(started).toEqual({ code: 0, stdout: 'agent-acme-site-1\n', stderr: '' });
  expect(readdirSync(`${site}-worktrees`)).toEqual(['issue-1']);
});
