import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { fitCommand, parseSize, sizeCommand, sizeConflict } from '../../lib/session-size.ts';

/** A real tmux, with clients in windows of sessions of its own. */
let directory = '';
let location = { path: '', socket: '' };
const tmux = (...args: string[]) =>
  execFileSync('tmux', ['-S', location.socket, ...args], { cwd: directory, encoding: 'utf8' });
const run = (line: string) =>
  execFileSync('sh', ['-c', line], { env: {}, encoding: 'utf8', stdio: 'pipe' });
const sizeOf = (session: string) => parseSize(run(sizeCommand(location, session)));
const fit = (cols: number, rows: number) => run(fitCommand(location, "it's", { cols, rows }));

function attach(name: string, cols: number, rows: number, ...flags: string[]): void {
  const client = ['env', '-u', 'TMUX', 'tmux', '-S', location.socket, 'attach', ...flags];
  tmux('new-session', '-d', '-s', name, ...client, '-t', "=it's");
  tmux('resize-window', '-t', `=${name}:`, '-x', `${cols}`, '-y', `${rows}`);
}
const clientsAre = (count: number) =>
  vi.waitUntil(() => sizeOf("it's").clients.length === count, { timeout: 20_000 });
const becomes = (cols: number, rows: number) =>
  vi.waitFor(() => expect(sizeOf("it's").size).toEqual({ cols, rows }), { timeout: 20_000 });

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'hubtab-size-'));
  location = { path: run('command -v tmux').trim(), socket: path.join(directory, 's') };
  tmux('-f', '/dev/null', 'new-session', '-d', '-s', "it's", '-x', '90', '-y', '20', 'cat');
  attach('large', 120, 40);
  await clientsAre(1);
  await becomes(120, 40);
  attach('small', 80, 24);
  await becomes(80, 24);
});
afterAll(() => {
  tmux('kill-server');
  rmSync(directory, { recursive: true });
});

test('a session says how large it is and who shows it, sessions of others aside', () => {
  tmux('new-session', '-d', '-s', 'alone', '-x', '90', '-y', '20', 'cat');
  expect(sizeOf("it's")).toEqual({
    size: { cols: 80, rows: 24 },
    isByHand: false,
    clients: [
      { cols: 120, rows: 40, isReadOnly: false },
      { cols: 80, rows: 24, isReadOnly: false },
    ],
  });
  expect(sizeOf('alone').clients).toEqual([]);
  expect(() => sizeOf('nothing')).toThrow(RangeError);
});

test.each(['latest', 'smallest', 'largest', 'manual'])(
  'a session follows the client that a person sits at, under window-size %s',
  async (policy) => {
    tmux('set-option', '-g', 'window-size', policy);
    expect(sizeOf("it's").isByHand).toBe(policy === 'manual');
    fit(120, 40);
    await becomes(120, 40);
    fit(80, 24);
    await becomes(80, 24);
    // With `manual` for all windows tmux 3.3a ends when one more session is made.
    tmux('set-option', '-gu', 'window-size');
  },
);

test('tmux’s own lines count, however many there are', async () => {
  for (const lines of ['off', '3', 'on']) {
    tmux('set-option', '-g', 'status', lines);
    await becomes(80, 24);
  }
});

test('the others count again when nobody else is there', async () => {
  fit(80, 24);
  tmux('kill-session', '-t', '=small');
  await clientsAre(1);
  await becomes(120, 40);
});

test('a client that only looks is told as one', async () => {
  attach('looker', 100, 30, '-f', 'read-only');
  await clientsAre(2);
  await becomes(100, 30);
  const found = sizeOf("it's");
  expect(sizeConflict(found, { cols: 120, rows: 40 })).toEqual({
    size: { cols: 100, rows: 30 },
    isByHand: false,
    others: [{ cols: 100, rows: 30, isReadOnly: true }],
  });
  expect(sizeConflict(found, { cols: 100, rows: 30 })).toBeUndefined();
});

test('what is no answer of tmux is refused', () => {
  for (const text of [
    '',
    'window  80 24 on latest',
    'window @1 80 24 maybe latest',
    "can't find session",
  ])
    expect(() => parseSize(text)).toThrow(RangeError);
});
