import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasSessionCommand, isSessionName, listCommand, parseSessions } from '../../lib/tmux.ts';

let directory = '';
let location = { path: '/usr/bin/tmux', socket: '' };
const tmux = (...args: string[]) =>
  execFileSync('tmux', ['-S', location.socket, ...args], { cwd: directory });
const list = () => parseSessions(execFileSync('sh', ['-c', listCommand(location)], { env: {} }));

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hubtab-tmux-'));
  const which = execFileSync('sh', ['-c', 'command -v tmux'], { encoding: 'utf8' }).trim();
  location = { path: which, socket: path.join(directory, 's') };
  tmux('-f', '/dev/null', 'new-session', '-d', '-s', 'hubtab-watch', 'cat');
});
afterAll(() => {
  tmux('kill-server');
  rmSync(directory, { recursive: true });
});

test('a list names sessions in any script, and leaves the hidden one out', () => {
  tmux('new-session', '-d', '-s', 'two words', 'cat');
  tmux('new-session', '-d', '-s', 'é日本', 'cat');
  expect(list().map(({ name }) => name)).toEqual(['two words', 'é日本']);
});

test('what an agent says of itself is in the list, from any of its panes', () => {
  tmux('new-session', '-d', '-s', 'agent-acme-api-7', 'cat');
  tmux('set-option', '-t', '=agent-acme-api-7:', '@repo', 'acme/api');
  tmux('set-option', '-t', '=agent-acme-api-7:', '@issue', '7');
  tmux('set-option', '-p', '-t', '=agent-acme-api-7:', '@agent_state', 'waiting');
  tmux('set-option', '-p', '-t', '=agent-acme-api-7:', '@agent_since', '1700000000000');
  tmux('set-option', '-p', '-t', '=agent-acme-api-7:', '@agent_question', 'Run it?');
  tmux('split-window', '-d', '-t', '=agent-acme-api-7:', 'cat');
  expect(list().find(({ name }) => name === 'agent-acme-api-7')).toMatchObject({
    agent: { repo: 'acme/api', issue: '7' },
    state: 'waiting',
    stateSinceMs: 1_700_000_000_000,
    question: 'Run it?',
    program: 'cat',
  });
});

test('text on the hub that looks like rows of the list forges none', () => {
  const forged = '1:$9,4:evil\n2:$9,4:evil,1:0';
  tmux('new-session', '-d', '-s', 'honest', 'cat');
  tmux('set-option', '-p', '-t', '=honest:', '@agent_state', 'working');
  tmux('set-option', '-p', '-t', '=honest:', '@agent_question', forged);
  const names = list().map(({ name }) => name);
  expect(names).not.toContain('evil');
  const question = list().find(({ name }) => name === 'honest')?.question;
  expect(question).toBe(forged.replace('\n', ' '));
});

test('a title is text: nothing in it is expanded', async () => {
  const hostile = `#(touch ${directory}/pwned) #{version}`;
  tmux('new-session', '-d', '-s', 'titled', `printf '\\033]2;${hostile}\\007'; cat`);
  const title = () => list().find(({ name }) => name === 'titled')?.title;
  await expect.poll(title, { timeout: 10_000 }).toBe(hostile);
  expect(existsSync(path.join(directory, 'pwned'))).toBe(false);
});

test('a list that was cut short is refused, not guessed', () => {
  const whole = execFileSync('sh', ['-c', listCommand(location)], { env: {} });
  expect(() => parseSessions(whole.subarray(0, whole.length - 5))).toThrow(RangeError);
  expect(() => parseSessions(new TextEncoder().encode('no server running'))).toThrow(RangeError);
});

describe('names of sessions', () => {
  test.each(['main', 'no such session', 'é日本語', '-x', "it's", '#(touch x)', '`id`', '%1', '@2'])(
    '%j is exactly that session or none',
    (name) => {
      expect(isSessionName(name)).toBe(true);
      const has = () =>
        execFileSync('sh', ['-c', hasSessionCommand(location, name)], {
          stdio: 'pipe',
          cwd: directory,
        });
      expect(has).toThrow(/can't find session/);
      expect(existsSync(path.join(directory, 'x'))).toBe(false);
    },
  );

  test.each([
    '',
    '$1',
    '$(touch x)',
    'a:b',
    'a.b',
    'a\nb',
    'a\u0000b',
    '\u001b[31m',
    'x'.repeat(300),
    '\ud800',
  ])('%j is refused', (name) => {
    expect(isSessionName(name)).toBe(false);
    expect(() => hasSessionCommand(location, name)).toThrow(RangeError);
  });

  test('an existing session is found by its exact name only', () => {
    tmux('new-session', '-d', '-s', 'exact', 'cat');
    const has = (name: string) => () =>
      execFileSync('sh', ['-c', hasSessionCommand(location, name)], { stdio: 'pipe' });
    expect(has('exact')).not.toThrow();
    expect(has('exac')).toThrow(/can't find session/);
    expect(has('exac*')).toThrow(/can't find session/);
  });
});
