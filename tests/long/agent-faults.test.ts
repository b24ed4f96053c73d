import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { remoteCommand } from '../../lib/remote-command.ts';
import { HubHome } from '../hub/hub-home.ts';

let home: HubHome;
beforeEach(() => {
  home = new HubHome();
});
afterEach(() => home.remove());

const START = ['agent', 'start', '--repo', 'acme/site', '--issue', '1', '--json', '--', 'cat'];

/**
 * Puts programs before git and tmux that kill whoever called them at one call, before or after it took effect. They
 * count the calls of all runs.
 */
function killAt(call: number, when: 'before' | 'after'): Record<string, string> {
  const bin = join(home.path, 'killers');
  mkdirSync(bin, { recursive: true });
  const count = join(home.path, 'calls');
  writeFileSync(count, '');
  chmodSync(count, 0o666);
  for (const name of ['git', 'tmux']) {
    const real = execFileSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).trim();
    const kill = `[ "$(wc -l < ${count})" -eq ${call} ] && kill -9 $PPID`;
    const lines = [
      '#!/bin/sh',
      `echo ${name} >> ${count}`,
      ...(when === 'before'
        ? [`${kill} && exit 1`, `exec ${real} "$@"`]
        : [`${real} "$@"`, 'code=$?', kill, 'exit $code']),
    ];
    writeFileSync(join(bin, name), `${lines.join('\n')}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return { PATH: `${bin}:${home.env['PATH']}` };
}

/** Everything of the agent as it should be, whatever happened before. */
async function expectWhole(): Promise<void> {
  const started = await home.hubtab(START);
  expect(started).toMatchObject({ code: 0 });
  const agent = JSON.parse(started.stdout) as { session: string; worktree: string };
  expect(agent).toMatchObject({ session: 'agent-acme-site-1', repo: 'acme/site', issue: 1 });
  expect(await home.ok('git', ['status', '--porcelain', '--branch'], agent.worktree)).toBe(
    '## issue-1',
  );
  const sessions = await home.tmux(
    'list-sessions',
    '-F',
    '#{session_name} #{@repo} #{@issue} #{@worktree}',
  );
  expect(sessions.split('\n').filter((line) => !line.startsWith('hubtab-watch'))).toEqual([
    `agent-acme-site-1 acme/site 1 ${agent.worktree}`,
  ]);
  const owner = join(home.path, 'hubtab', 'acme');
  expect(readdirSync(owner).sort()).toEqual(['site', 'site-worktrees']);
  expect(
    await home.ok('git', ['worktree', 'list', '--porcelain'], join(owner, 'site')),
  ).not.toContain('locked');
  expect(readdirSync(home.stateDir)).toEqual([]);
}

describe.each(['before', 'after'] as const)('killed %s any call of git or tmux', (when) => {
  it('a start that is run again is whole', async () => {
    let isKilled = true;
    let calls = 0;
    for (let call = 1; isKilled; call += 1) {
      await home.makeRemote('acme/site');
      const { code } = await home.hubtab(START, { env: killAt(call, when) });
      isKilled = code !== 0;
      await expectWhole();
      calls = call;
      await home.remove();
      home = new HubHome();
    }
    // There are a dozen or more: fewer would mean that nothing was killed.
    expect(calls).toBeGreaterThan(8);
  });
});

it('a full disk is said in words, and nothing is left half-made', async () => {
  await home.makeRemote('acme/site');
  const disk = join(home.path, 'hubtab');
  await home.ok('mkdir', [disk]);
  // Only root may mount; an ordinary user has a quota of blocks for what a process writes.
  const isRoot = userInfo().uid === 0;
  if (isRoot) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=64k,mode=777`, 'none', disk]);
  const blocks = isRoot ? 'unlimited' : '8';
  try {
    const limited = `ulimit -f ${blocks}; exec "$@"`;
    const command = [
      process.execPath,
      join(dirname(import.meta.dirname), '..', 'hub', 'main.ts'),
      ...START,
    ];
    const result = await home.run('sh', ['-c', limited, 'sh', ...command]);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(
      /^hubtab: .*(No space left|disk is full|File too large|it was ended)/m,
    );
    expect(result.stderr).not.toContain('    at ');
    const left = existsSync(join(disk, 'acme')) ? readdirSync(join(disk, 'acme')) : [];
    expect(left).toEqual([]);
    expect((await home.hubtab(['agent', 'list', '--json'])).stdout).toBe('[]\n');
  } finally {
    if (isRoot) execFileSync('umount', [disk]);
  }
  expect(await home.hubtab(START)).toMatchObject({ code: 0 });
});

it('a home that is read-only, and a tmux server of another user, are said in words', async () => {
  await home.makeRemote('acme/site');
  await home.ok('chmod', ['500', home.path]);
  const readOnly = await home.hubtab(START);
  await home.ok('chmod', ['755', home.path]);
  expect(readOnly).toMatchObject({ code: 1, stdout: '' });
  expect(readOnly.stderr).toContain('permission denied');
  expect(readOnly.stderr).not.toContain('    at ');
  expect(existsSync(home.stateDir)).toBe(false);

  // A directory that others may enter is not one that tmux trusts.
  await home.ok('mkdir', [dirname(home.socket)]);
  await home.ok('chmod', ['777', dirname(home.socket)]);
  const foreign = await home.hubtab(START);
  expect(foreign).toMatchObject({ code: 1, stdout: '' });
  expect(foreign.stderr).toContain('must be a directory that belongs to this user');
});

it('hostile names run nothing in any login shell', async () => {
  const names = [
    'a/$(touch pwned)',
    'a/`touch pwned`',
    "a/';touch pwned;'",
    'a/#(touch pwned)',
    '-x/y',
    'a/..',
    'a/b c',
    'ä/ö',
  ];
  const launcher = join(home.path, 'hubtab');
  const main = join(dirname(import.meta.dirname), '..', 'hub', 'main.ts');
  await home.run('tee', [launcher], {
    input: `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`,
  });
  await home.ok('chmod', ['755', launcher]);
  const outcomes = ['sh', 'bash', 'zsh', 'fish'].map(async (shell) => {
    for (const name of names) {
      // As the extension quotes it.
      const line = remoteCommand([launcher, 'agent', 'start', '--repo', name, '--issue', '1']);
      const { code } = await home.run(shell, ['-c', line]);
      expect([shell, name, code]).toEqual([shell, name, 2]);
    }
  });
  await Promise.all(outcomes);
  expect(existsSync(join(home.path, 'pwned'))).toBe(false);
  const session = "x';touch pwned;'$(touch pwned)`touch pwned`";
  await home.ok('tmux', ['new-session', '-d', '-s', session, 'cat']);
  expect((await home.hubtab(['agent', 'shell'])).stdout).toContain('touch pwned');
  expect((await home.hubtab(['agent', 'logs', session])).code).toBe(0);
  expect((await home.hubtab(['agent', 'stop', session])).code).toBe(7);
  expect(existsSync(join(home.path, 'pwned'))).toBe(false);
});
