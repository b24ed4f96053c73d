import { describe, expect, it } from 'vitest';
import { cleanQuestion, currentPane } from '../../hub/agent-state.ts';
import { parseWorktrees, repoOfRemote } from '../../hub/git.ts';
import {
  isSameIssue,
  parseIssueRef,
  sessionName,
  sessionNameWithHash,
} from '../../hub/issue-ref.ts';
import { hubPaths } from '../../hub/paths.ts';
import { isTmuxNewEnough } from '../../hub/prerequisites.ts';
import { isUnencrypted, parseServerAddress } from '../../hub/server-address.ts';

describe('an issue', () => {
  it.each([
    ['', '1'],
    ['owner', '1'],
    ['a/b/c', '1'],
    ['-x/b', '1'],
    ['../b', '1'],
    ['a/..', '1'],
    ['a b/c', '1'],
    ['a/b;id', '1'],
    ['a/#(id)', '1'],
    ['a/b\n', '1'],
    ['a/b', '0'],
    ['a/b', '-1'],
    ['a/b', '1e3'],
    ['a/b', '01'],
    ['a/b', '1 '],
    ['a/b', '99999999999'],
    ['a/b', ''],
  ])('%j #%j is refused', (repo, issue) => {
    expect(() => parseIssueRef(repo, issue)).toThrow(/must be/);
  });

  it('gives a session name that tmux takes as it is', () => {
    expect(sessionName(parseIssueRef('my.org/site_2.js', '7'))).toBe('agent-my-org-site_2-js-7');
  });

  it('gives another name with four characters of a hash', () => {
    const [a, b] = [
      { repo: 'a-b/c', issue: 1 },
      { repo: 'a/b-c', issue: 1 },
    ];
    expect(sessionName(a)).toBe(sessionName(b));
    expect(sessionNameWithHash(a)).toMatch(/^agent-a-b-c-1-[0-9a-f]{4}$/);
    expect(sessionNameWithHash(a)).not.toBe(sessionNameWithHash(b));
  });

  it('is the same in upper and lower case', () => {
    expect(isSameIssue({ repo: 'A/b', issue: 1 }, { repo: 'a/B', issue: 1 })).toBe(true);
  });
});

it('a question becomes one short line without control characters', () => {
  expect(cleanQuestion('a\u001B[31m\nb\u202Ec\u2028d')).toBe('a [31m b c d');
  expect([...cleanQuestion('🙂'.repeat(300))]).toHaveLength(200);
});

it('the current pane comes from what tmux sets, also with commas in the path', () => {
  expect(currentPane({ TMUX: '/tmp/a,b/default,12,0', TMUX_PANE: '%3' })).toEqual({
    socket: '/tmp/a,b/default',
    pane: '%3',
  });
  expect(() => currentPane({ TMUX: '/tmp/x,1,0', TMUX_PANE: '%3;id' })).toThrow(
    'not run in a tmux pane',
  );
});

it.each([
  ['https://github.com/o/n.git', 'o/n'],
  ['git@github.com:o/n.git', 'o/n'],
  ['ssh://git@h:22/o/n', 'o/n'],
  ['/srv/git/o/n.git/', 'o/n'],
  ['n', undefined],
])('the remote %s is %s', (url, repo) => {
  expect(repoOfRemote(url)).toBe(repo);
});

it('the list of worktrees tells one whose making was killed', () => {
  const porcelain =
    'worktree /a\nHEAD 1\nbranch refs/heads/main\n\nworktree /b\nHEAD 1\nbranch refs/heads/x\nlocked initializing\n\n';
  expect(parseWorktrees(porcelain)).toEqual([
    { path: '/a', branch: 'main', isInitializing: false },
    { path: '/b', branch: 'x', isInitializing: true },
  ]);
});

it.each([
  ['3.3a', true],
  ['3.2', true],
  ['3.1c', false],
  ['2.9', false],
  ['next-3.6', true],
  ['master', true],
  ['openbsd-7.4', true],
  ['openbsd-6.8', false],
  ['', false],
  ['10.0', true],
])('tmux %j is new enough: %s', (version, expected) => {
  expect(isTmuxNewEnough(version)).toBe(expected);
});

describe('a server address', () => {
  it('is reduced to its origin', () => {
    expect(parseServerAddress('https://Hub.Example.com/')).toBe('https://hub.example.com');
  });
  it.each(['hub.example.com', 'ftp://x', '', 'https://u:p@x', 'https://x/path', '-x'])(
    '%j is refused with words',
    (text) => {
      expect(() => parseServerAddress(text)).toThrow(/address/);
    },
  );
  it('is unencrypted only off this machine', () => {
    expect(
      ['http://127.0.0.1:1', 'http://localhost', 'https://x', 'http://x'].map(isUnencrypted),
    ).toEqual([false, false, false, true]);
  });
});

describe('paths', () => {
  it('follow XDG_STATE_HOME, and ignore a relative one', () => {
    expect(hubPaths({ XDG_STATE_HOME: '/s', HOME: '/h' }).stateDir).toBe('/s/hubtab');
    expect(hubPaths({ XDG_STATE_HOME: 's', HOME: '/h' }).stateDir).toBe('/h/.local/state/hubtab');
  });
  it('keep the socket short', () => {
    const deep = { HOME: `/${'long/'.repeat(30)}` };
    expect(hubPaths({ ...deep, XDG_RUNTIME_DIR: '/run/user/1' }).socket).toMatch(
      /^\/run\/user\/1\/hubtab-[0-9a-f]{12}\/tailscaled\.sock$/,
    );
    expect(hubPaths(deep).socket.length).toBeLessThan(100);
  });
});
