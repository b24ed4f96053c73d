import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOWNLOAD_ENDS, jobCommand, parsePane, safeFileName } from '../../lib/hub-commands.ts';

let home: string;
let tmux: { path: string; socket: string };

/** Runs a command line as a hub's login shell does. */
function runShell(line: string, input = ''): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8' };
    const child = execFile('/bin/sh', ['-c', line], { env }, (error, stdout) =>
      resolve({ code: error ? Number(error.code) : 0, stdout }),
    );
    child.stdin?.on('error', () => {}); // a command that refuses reads nothing
    child.stdin?.end(input);
  });
}

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'hubtab-commands-'));
  tmux = { path: '/usr/bin/tmux', socket: path.join(home, 'socket') };
  await mkdir(path.join(home, "a 'folder'"));
  const start = `tmux -f /dev/null -S '${tmux.socket}' new-session -d -s main -x 80 -y 10 -c "$HOME/a 'folder'" cat`;
  expect((await runShell(start)).code).toBe(0);
});
afterAll(async () => {
  await runShell(`tmux -S '${tmux.socket}' kill-server`);
  await rm(home, { recursive: true, force: true });
});

test('a pane says its version, program and what it keeps', async () => {
  const pane = jobCommand({ kind: 'pane', session: 'main' }, tmux);
  // Until it has started the program, tmux's child is named tmux.
  await expect
    .poll(async () => parsePane((await runShell(pane)).stdout))
    .toMatchObject({ isAlternate: false, historyLimit: 2000, program: 'cat' });
  expect(() => parsePane('3.3a 0 1')).toThrow(RangeError);
});

test('a session of a like name is another session', async () => {
  const asked = await runShell(jobCommand({ kind: 'pane', session: 'mai' }, tmux));
  expect(() => parsePane(asked.stdout)).toThrow(RangeError);
  const captured = await runShell(
    jobCommand({ kind: 'history', session: 'mai', lines: 9, hasMarks: false }, tmux),
  );
  expect(captured.code).toBe(1);
  expect(() => jobCommand({ kind: 'pane', session: 'main:0' }, tmux)).toThrow(RangeError);
});

test.each([
  ['shot.png', 'shot.png'],
  ['../../etc/passwd', 'passwd'],
  ['my ‘shot’;$(x).PNG', 'my-shot-x.PNG'],
  ['--help', 'help'],
  ['.bashrc', 'bashrc'],
  ['\u001b[31m\n', '31m'],
  ['', 'file'],
  [`${'x'.repeat(300)}.png`, `${'x'.repeat(64)}.png`],
])('a file named %j is stored as %j', (name, stored) => {
  expect(safeFileName(name)).toBe(stored);
});

test('an upload is whole or not at all', async () => {
  const upload = (bytes: number, input: string) =>
    runShell(jobCommand({ kind: 'upload', name: 'a.txt', bytes }, tmux), input);
  const { code, stdout } = await upload(5, 'hello');
  expect(code).toBe(0);
  expect(await readFile(stdout, 'utf8')).toBe('hello');
  const folder = path.dirname(stdout);
  expect(folder).toBe(path.join(home, '.cache', 'hubtab', 'files'));
  // The connection ended before the file did.
  expect(await upload(6, 'hello')).toEqual({ code: 1, stdout: '' });
  expect(await readdir(folder)).toEqual([path.basename(stdout)]);
});

test('a download comes with its size, from the pane’s folder, and says why there is none', async () => {
  const download = (file: string, maxBytes = 100) =>
    runShell(jobCommand({ kind: 'download', session: 'main', path: file, maxBytes }, tmux));
  const name = "-quo'te $(touch pwned) \\.txt";
  await writeFile(path.join(home, "a 'folder'", name), 'hello');
  expect(await download(name)).toEqual({ code: 0, stdout: '5\nhello' });
  expect(await download(`~/a 'folder'/${name}`)).toEqual({ code: 0, stdout: '5\nhello' });
  expect(await download(path.join(home, "a 'folder'", name))).toEqual({
    code: 0,
    stdout: '5\nhello',
  });
  expect((await download('nowhere')).code).toBe(DOWNLOAD_ENDS.notThere);
  expect((await download('/')).code).toBe(DOWNLOAD_ENDS.notThere);
  expect((await download(name, 4)).code).toBe(DOWNLOAD_ENDS.tooLarge);
  expect(await readdir(home)).not.toContain('pwned');
});
