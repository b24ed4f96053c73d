import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { remoteCommand } from '../../lib/remote-command.ts';
import { buildBundles, hubtabBundle } from '../../scripts/build-bundles.ts';
import { HubHome } from '../hub/hub-home.ts';

let home: HubHome;
const homes: HubHome[] = [];
function newHome(): HubHome {
  const made = new HubHome(hubtabBundle);
  homes.push(made);
  return made;
}
beforeAll(buildBundles);
beforeEach(() => {
  home = newHome();
});
afterEach(async () => {
  await Promise.all(homes.splice(0).map((each) => each.remove()));
});

const START = ['agent', 'start', '--repo', 'acme/site', '--issue', '1', '--json', '--', 'cat'];

/**
 * Puts programs before git and tmux that kill whoever called them at one call, before or after it took effect. They
 * count the calls of all runs.
 */
function killAt(
  home: HubHome,
  call: number,
  when: 'before' | 'after',
): { env: Record<string, string>; count: string } {
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
  return { env: { PATH: `${bin}:${home.env['PATH']}` }, count };
}

/** Everything of the agent as it should be, whatever happened before. */
async function expectWhole(home: HubHome): Promise<void> {
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

/** At once: most of a start is waiting for processes. */
const LANES = 4;

describe.each(['before', 'after'] as const)('killed %s any call of git or tmux', (when) => {
  it('a start that is run again is whole', async () => {
    await home.makeRemote('acme/site');
    const { env, count } = killAt(home, 0, when);
    expect(await home.hubtab(START, { env })).toMatchObject({ code: 0 });
    const calls = readFileSync(count, 'utf8').trim().split('\n').length;
    // There are a dozen or more: fewer would mean that nothing is killed.
    expect(calls).toBeGreaterThan(8);
    const left = Array.from({ length: calls }, (_, index) => index + 1);
    const lanes = Array.from({ length: LANES }, async () => {
      for (let call = left.pop(); call !== undefined; call = left.pop()) {
        const own = newHome();
        await own.makeRemote('acme/site');
        const { code } = await own.hubtab(START, killAt(own, call, when));
        expect([call, code === 0]).toEqual([call, false]);
        await expectWhole(own);
      }
    });
    await Promise.all(lanes);
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
    const command = [process.execPath, hubtabBundle, ...START];
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

const SHELLS = ['sh', 'bash', 'zsh', 'fish'];

it('hostile names arrive through any login shell as they are, and are refused', async () => {
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
  const recorder = join(home.path, 'recorder');
  await home.run('tee', [recorder], { input: `#!/bin/sh\nprintf '%s\\n' "$@"\n` });
  await home.ok('chmod', ['755', recorder]);
  const words = (name: string) => ['agent', 'start', '--repo', name, '--issue', '1'];
  for (const shell of SHELLS) {
    for (const name of names) {
      // As the extension quotes it.
      const line = remoteCommand([recorder, ...words(name)]);
      const { stdout } = await home.run(shell, ['-c', line]);
      expect([shell, stdout]).toEqual([shell, `${words(name).join('\n')}\n`]);
    }
  }
  const refused = names.map(async (name) => (await home.hubtab(words(name))).code);
  expect(await Promise.all(refused)).toEqual(names.map(() => 2));
  expect(existsSync(join(home.path, 'pwned'))).toBe(false);
});

it('a session with a hostile name is listed, shown and refused as an agent', async () => {
  const session = "x';touch pwned;'$(touch pwned)`touch pwned`";
  await home.ok('tmux', ['new-session', '-d', '-s', session, 'cat']);
  expect((await home.hubtab(['agent', 'shell'])).stdout).toContain('touch pwned');
  expect((await home.hubtab(['agent', 'logs', session])).code).toBe(0);
  expect((await home.hubtab(['agent', 'stop', session])).code).toBe(7);
  expect(existsSync(join(home.path, 'pwned'))).toBe(false);
});
