import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HubHome } from './hub-home.ts';

let home: HubHome;
beforeEach(() => {
  home = new HubHome();
});
afterEach(() => home.remove());

function start(cwd: string, repo: string, issue: number, ...more: string[]) {
  return home.hubtab(['agent', 'start', '--repo', repo, '--issue', String(issue), ...more], {
    cwd,
  });
}

async function list(): Promise<Record<string, unknown>[]> {
  const { stdout } = await home.hubtab(['agent', 'list', '--json']);
  return JSON.parse(stdout) as Record<string, unknown>[];
}

it('starts an agent once, in a worktree beside the checkout', async () => {
  const checkout = await home.makeCheckout('acme/site');
  const first = await start(checkout, 'acme/site', 7, '--', 'sh', '-c', 'pwd; exec cat');
  expect(first).toEqual({ code: 0, stdout: 'agent-acme-site-7\n', stderr: '' });
  // From inside the worktree the same agent is found.
  const worktree = join(home.path, 'src', 'site-worktrees', 'issue-7');
  expect((await start(worktree, 'Acme/Site', 7)).stdout).toBe('agent-acme-site-7\n');
  expect(await list()).toMatchObject([
    {
      session: 'agent-acme-site-7',
      repo: 'acme/site',
      issue: 7,
      worktree,
      question: null,
      command: 'sh -c pwd; exec cat',
    },
  ]);
  expect(await home.ok('git', ['branch', '--show-current'], worktree)).toBe('issue-7');
  expect(await home.ok('git', ['status', '--porcelain', '--branch'], checkout)).toBe('## main');
});

it('makes one agent of two starts at once', async () => {
  const checkout = await home.makeCheckout('acme/site');
  const both = await Promise.all([
    start(checkout, 'acme/site', 8, '--json'),
    start(checkout, 'acme/site', 8, '--json'),
  ]);
  const created = both.map(({ stdout }) => (JSON.parse(stdout) as { created: boolean }).created);
  expect(created.sort()).toEqual([false, true]);
  expect(await list()).toHaveLength(1);
});

it('gives two repositories whose names collide two sessions', async () => {
  const one = await home.makeCheckout('a-b/c', 'one');
  const two = await home.makeCheckout('a/b-c', 'two');
  expect((await start(one, 'a-b/c', 1)).stdout).toBe('agent-a-b-c-1\n');
  const second = (await start(two, 'a/b-c', 1)).stdout.trim();
  expect(second).toMatch(/^agent-a-b-c-1-[0-9a-f]{4}$/);
  expect((await start(two, 'a/b-c', 1)).stdout.trim()).toBe(second);
});

it('passes the command on word by word, in a directory with a hostile name', async () => {
  const checkout = await home.makeCheckout('acme/site', '#(touch pwned)#{pid};');
  const words = ['a;', ';', '#(id)', "it's", '$HOME', ''];
  const script = 'pwd; for w in "$@"; do printf "[%s]\\n" "$w"; done; exec cat';
  const { stdout } = await start(checkout, 'acme/site', 9, '--', 'sh', '-c', script, 'x', ...words);
  await expect
    .poll(() => home.tmux('capture-pane', '-p', '-J', '-t', `=${stdout.trim()}:`), {
      timeout: 10_000,
    })
    .toContain(words.map((word) => `[${word}]`).join('\n'));
  expect(await home.tmux('capture-pane', '-p', '-J', '-t', `=${stdout.trim()}:`)).toContain(
    '#(touch pwned)#{pid};-worktrees/issue-9',
  );
  expect(existsSync(join(checkout, 'pwned'))).toBe(false);
});

it('takes up a worktree whose making was killed', async () => {
  const checkout = await home.makeCheckout('acme/site');
  const worktree = join(home.path, 'src', 'site-worktrees', 'issue-3');
  await home.ok(
    'git',
    ['worktree', 'add', '-q', '--lock', '--reason', 'initializing', '-b', 'issue-3', worktree],
    checkout,
  );
  expect((await start(checkout, 'acme/site', 3)).code).toBe(0);
  const porcelain = await home.ok('git', ['worktree', 'list', '--porcelain'], checkout);
  expect(porcelain).toContain(`worktree ${worktree}`);
  expect(porcelain).not.toContain('locked');
});

it('takes up a worktree whose directory was deleted, and one that only lost its session', async () => {
  const checkout = await home.makeCheckout('acme/site');
  const worktree = join(home.path, 'src', 'site-worktrees', 'issue-4');
  await start(checkout, 'acme/site', 4, '--', 'cat');
  expect((await home.hubtab(['agent', 'stop', 'agent-acme-site-4'])).code).toBe(0);
  expect(existsSync(worktree)).toBe(true);
  await home.ok('touch', ['kept'], worktree);
  expect((await start(checkout, 'acme/site', 4, '--', 'cat')).code).toBe(0);
  expect(existsSync(join(worktree, 'kept'))).toBe(true);
  await home.hubtab(['agent', 'stop', 'agent-acme-site-4']);
  await home.ok('rm', ['-rf', worktree]);
  expect((await start(checkout, 'acme/site', 4, '--', 'cat')).code).toBe(0);
  expect(existsSync(worktree)).toBe(true);
});

it('goes on after a start that was killed while it held the lock', async () => {
  const checkout = await home.makeCheckout('acme/site');
  const args = ['agent', 'start', '--repo', 'acme/site', '--issue', '5', '--dir', checkout];
  const lock = join(home.stateDir, 'agent.lock');
  const child = home.startHubtab(args);
  await expect.poll(() => existsSync(lock), { timeout: 10_000, interval: 2 }).toBe(true);
  // runuser dies with a signal that it passes on; SIGKILL would leave the CLI running.
  const holder = (await home.ok('cat', [lock])).split(' ')[0] ?? '';
  process.kill(Number(holder), 'SIGKILL');
  await new Promise((done) => child.once('close', done));
  const second = await home.hubtab(args);
  expect(second).toMatchObject({ code: 0, stdout: 'agent-acme-site-5\n' });
  expect(readdirSync(home.stateDir)).toEqual([]);
});

it('refuses in words what it cannot do, and makes nothing', async () => {
  const checkout = await home.makeCheckout('acme/site');
  const elsewhere = await start(home.path, 'acme/site', 1, '--dir', join(home.path, 'src'));
  expect(elsewhere).toMatchObject({ code: 7, stdout: '' });
  expect(elsewhere.stderr).toContain('is not a git checkout');
  const other = await start(home.path, 'acme/other', 1, '--dir', checkout);
  expect(other).toMatchObject({ code: 7 });
  expect(other.stderr).toContain('is a checkout of acme/site, not of acme/other');
  expect((await start(checkout, 'acme/site', 1, '--base', 'nope')).stderr).toContain(
    'no branch or commit "nope"',
  );
  expect((await start(checkout, 'acme/site', 1, '--base', '--output=x')).code).toBe(2);
  expect((await start(checkout, 'acme/#(id)', 1)).code).toBe(2);
  await home.ok('mkdir', ['-p', join(home.path, 'src', 'site-worktrees', 'issue-1')]);
  expect(await start(checkout, 'acme/site', 1)).toMatchObject({ code: 7 });
  expect(await list()).toEqual([]);
  expect(await home.ok('git', ['branch', '--list', 'issue-*'], checkout)).toBe('');
});

it('keeps what a failed agent said last, and runs it again in its place', async () => {
  const checkout = await home.makeCheckout('acme/site');
  const script = 'echo last words; test -e mended && exec cat; exit 3';
  const program = ['--', 'sh', '-c', script];
  await start(checkout, 'acme/site', 6, ...program);
  const state = async () => (await list()).map(({ state: now, since }) => [now, typeof since]);
  // What tmux itself says is there for a failure to show.
  const panes = () =>
    home.tmux('list-panes', '-a', '-F', '#{session_name} #{pane_dead_status} #{@agent_state}');
  await expect
    .poll(async () => ({ state: await state(), panes: await panes() }), { timeout: 20_000 })
    .toMatchObject({ state: [['failed', 'string']] });
  const logs = await home.hubtab(['agent', 'logs', 'agent-acme-site-6']);
  expect(logs.stdout).toContain('last words');
  const id = await home.tmux('display-message', '-p', '-t', '=agent-acme-site-6:', '#{session_id}');
  const worktree = join(home.path, 'src', 'site-worktrees', 'issue-6');
  await home.ok('touch', ['mended'], worktree);
  const again = await start(checkout, 'acme/site', 6, '--json');
  const command = program.slice(1).join(' ');
  expect(JSON.parse(again.stdout)).toMatchObject({ created: true, sessionId: id, command });
  await expect.poll(async () => (await list())[0]?.state, { timeout: 20_000 }).not.toBe('failed');
  expect(JSON.parse((await start(checkout, 'acme/site', 6, '--json')).stdout)).toMatchObject({
    created: false,
  });
  await home.ok('rm', ['mended'], worktree);
  expect((await home.hubtab(['agent', 'stop', 'agent-acme-site-6'])).code).toBe(0);
  expect(await list()).toEqual([]);
});

it('leaves nothing of an agent that ended well, nor of a shell', async () => {
  const checkout = await home.makeCheckout('acme/site');
  await start(checkout, 'acme/site', 10, '--', 'sh', '-c', 'exit 0');
  await start(checkout, 'acme/site', 11);
  await home.tmux('send-keys', '-t', '=agent-acme-site-11:', 'false; exit', 'Enter');
  await expect.poll(list, { timeout: 20_000 }).toEqual([]);
});

it('stops agents only, by their exact name', async () => {
  const checkout = await home.makeCheckout('acme/site');
  await start(checkout, 'acme/site', 12);
  await home.tmux('new-session', '-d', '-s', 'mine');
  expect((await home.hubtab(['agent', 'stop', 'mine'])).code).toBe(7);
  expect((await home.hubtab(['agent', 'stop', 'agent-acme-site-1'])).code).toBe(1);
  expect((await home.hubtab(['agent', 'stop', 'hubtab-watch'])).code).toBe(1);
  expect((await home.hubtab(['agent', 'shell'])).stdout).toBe('agent-acme-site-12\nmine\n');
});

it('tells the state that a hook in a pane has set, also when another pane is active', async () => {
  const checkout = await home.makeCheckout('acme/site');
  await start(checkout, 'acme/site', 2);
  const pane = await home.tmux('display-message', '-p', '-t', '=agent-acme-site-2:', '#{pane_id}');
  const env = { TMUX: `${home.socket},1,0`, TMUX_PANE: pane };
  const question = `May I\u001B[2J delete; it?${'x'.repeat(300)}`;
  const set = await home.hubtab(['agent', 'state', 'waiting', '--question', question], { env });
  expect(set).toEqual({ code: 0, stdout: '', stderr: '' });
  await home.tmux('split-window', '-t', '=agent-acme-site-2:');
  expect(await list()).toMatchObject([
    { state: 'waiting', question: `May I [2J delete; it?${'x'.repeat(179)}` },
  ]);
  await home.hubtab(['agent', 'state', 'working'], { env });
  expect(await list()).toMatchObject([{ state: 'working', question: null }]);
  expect((await home.hubtab(['agent', 'state', 'sleeping'], { env })).code).toBe(2);
  expect((await home.hubtab(['agent', 'state', 'done'])).code).toBe(1);
});
