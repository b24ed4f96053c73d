import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  isNewName,
  isRepo,
  issueNumber,
  renameCommand,
  startAgentCommand,
  startedSession,
  stopCommand,
} from '../../lib/agent-commands.ts';

let directory = '';
let hub = { tmux: { path: '/usr/bin/tmux', socket: '/nowhere' }, hubtabPath: '' };

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hubtab-actions-'));
  // Prints its arguments, so that the test sees what a hub's program would get.
  const print = path.join(directory, 'hub tab');
  writeFileSync(print, '#!/bin/sh\nfor word; do printf "%s\\0" "$word"; done\n', { mode: 0o755 });
  hub = { ...hub, hubtabPath: print };
});
afterAll(() => rmSync(directory, { recursive: true }));

const run = (command: string) =>
  execFileSync('sh', ['-c', command], { cwd: directory, encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

describe('starting an agent', () => {
  test('says to the hub exactly what was asked', () => {
    const request = { repo: 'acme/api', issue: 7 };
    expect(run(startAgentCommand(hub, request))).toEqual([
      'agent',
      'start',
      '--json',
      '--repo',
      'acme/api',
      '--issue',
      '7',
    ]);
    const command = "claude 'fix it'; $(touch pwned) `id` \\";
    const asked = run(startAgentCommand(hub, { ...request, command, directory: '-x y' }));
    expect(asked.slice(7)).toEqual(['--dir=-x y', '--', '/bin/sh', '-lc', command]);
    expect(existsSync(path.join(directory, 'pwned'))).toBe(false);
  });

  test.each([
    { repo: 'acme', issue: 1 },
    { repo: '-acme/api', issue: 1 },
    { repo: '../x', issue: 1 },
    { repo: 'a/b/c', issue: 1 },
    { repo: 'a/b;touch x', issue: 1 },
    { repo: 'a/b\n', issue: 1 },
    { repo: 'a/b', issue: 0 },
    { repo: 'a/b', issue: -1 },
    { repo: 'a/b', issue: 1.5 },
    { repo: 'a/b', issue: Number.NaN },
    { repo: 'a/b', issue: 1, command: 'x\ny' },
    { repo: 'a/b', issue: 1, directory: 'x'.repeat(2000) },
  ])('is refused for %j', (request) => {
    expect(() => startAgentCommand(hub, request)).toThrow(RangeError);
  });

  test('believes no answer that names no session', () => {
    const answer = (text: string) => () => startedSession(new TextEncoder().encode(text));
    expect(answer('{"session":"agent-a-b-1"}')()).toBe('agent-a-b-1');
    for (const text of ['', 'null', '{}', '{"session":1}', '{"session":"a:b"}', '{"session":"$1"}'])
      expect(answer(text)).toThrow(RangeError);
  });
});

test('stopping an agent leaves it to the hub’s program, any other session to tmux', () => {
  expect(run(stopCommand(hub, '-x', true))).toEqual(['agent', 'stop', '--json', '--', '-x']);
  expect(stopCommand(hub, 'two words', false)).toBe(
    "exec /usr/bin/tmux -S /nowhere kill-session -t '=two words'",
  );
  expect(() => stopCommand(hub, 'a:b', false)).toThrow(RangeError);
});

test('a new name is one that tmux does not read anything into', () => {
  for (const name of ['main', 'two words', 'é日本', 'a_b-c+1@x'])
    expect(isNewName(name)).toBe(true);
  for (const name of [
    '',
    ' a',
    'a ',
    '-a',
    '#(touch x)',
    'a#{b}',
    'a:b',
    'a.b',
    '$1',
    'a\nb',
    '%1',
  ])
    expect(isNewName(name)).toBe(false);
  expect(() => renameCommand(hub, 'main', '#(id)')).toThrow(RangeError);
  expect(renameCommand(hub, 'main', 'next')).toBe(
    "exec /usr/bin/tmux -S /nowhere rename-session -t '=main' -- next",
  );
});

test('repositories and issues as people type them', () => {
  expect(['acme/api', 'a/b.c_d-e'].every(isRepo)).toBe(true);
  expect([issueNumber('12'), issueNumber(' #12 '), issueNumber('12a'), issueNumber('0')]).toEqual([
    12,
    12,
    undefined,
    undefined,
  ]);
});
