import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ControlReader, type ControlEvent } from '../../lib/tmux-control.ts';
import { CONTROL_LIST, parseSessions, SUBSCRIBE, watchCommand } from '../../lib/tmux.ts';

/** The lines that the watcher says to a real tmux, and what comes of them. */
let directory = '';
let location = { path: '', socket: '' };
let client: ChildProcessWithoutNullStreams;
const events: ControlEvent[] = [];
const tmux = (...args: string[]) =>
  execFileSync('tmux', ['-S', location.socket, ...args], { cwd: directory, stdio: 'pipe' });

/** Notices of the subscription to states that came so far. */
const stateNotices = () =>
  events.filter((event) => event.kind === 'notice' && event.subscription === 'state').length;
const answers = () => events.filter((event) => event.kind === 'reply' && event.isOurs);

async function list() {
  const before = answers().length;
  client.stdin.write(CONTROL_LIST);
  await expect.poll(() => answers().length, { timeout: 10_000 }).toBe(before + 1);
  const answer = answers().at(-1);
  if (answer?.kind !== 'reply' || !answer.isOk) throw new Error('tmux refused the list');
  return parseSessions(answer.body);
}

/** Waits for the next notice that a state changed, which tmux gives within about a second. */
async function afterNotice(change: () => void): Promise<void> {
  const before = stateNotices();
  change();
  await expect.poll(stateNotices, { timeout: 10_000 }).toBeGreaterThan(before);
}

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'hubtab-watch-'));
  const which = execFileSync('sh', ['-c', 'command -v tmux'], { encoding: 'utf8' }).trim();
  location = { path: which, socket: path.join(directory, 's') };
  tmux('-f', '/dev/null', 'new-session', '-d', '-s', 'hubtab-watch', 'cat');
  client = spawn('sh', ['-c', watchCommand(location)], { cwd: directory, env: {} });
  const reader = new ControlReader();
  client.stdout.on('data', (bytes: Buffer) => events.push(...reader.push(bytes)));
  const isAttached = () =>
    events.some((event) => event.kind === 'notice' && event.name === 'session-changed');
  await vi.waitUntil(isAttached, { timeout: 10_000 });
  for (const line of SUBSCRIBE) client.stdin.write(line);
  await vi.waitUntil(() => answers().length === SUBSCRIBE.length, { timeout: 10_000 });
});
afterAll(() => {
  client.kill();
  tmux('kill-server');
  rmSync(directory, { recursive: true });
});

test('tmux takes the subscriptions', () => {
  expect(answers().every((event) => event.kind === 'reply' && event.isOk)).toBe(true);
});

test('a state that an agent sets in a background pane is announced, and the list has it', async () => {
  await afterNotice(() => {
    tmux('new-session', '-d', '-s', 'agent', 'cat');
    tmux('split-window', '-d', '-t', '=agent:', 'cat');
    tmux('set-option', '-p', '-t', '=agent:.1', '@agent_state', 'waiting');
    tmux('set-option', '-p', '-t', '=agent:.1', '@agent_question', 'Run it?\n%exit\n日本');
  });
  expect(await list()).toMatchObject([
    { name: 'agent', state: 'waiting', question: 'Run it? %exit 日本' },
  ]);
  await afterNotice(() => tmux('set-option', '-p', '-t', '=agent:.1', '@agent_state', 'working'));
  expect(await list()).toMatchObject([{ name: 'agent', state: 'working' }]);
});

test('a bell in a session that nobody looks at makes it wait', async () => {
  await afterNotice(() => tmux('new-session', '-d', '-s', 'ring', `printf '\\a'; exec cat`));
  await expect
    .poll(async () => (await list()).find(({ name }) => name === 'ring'), { timeout: 10_000 })
    .toMatchObject({ state: 'waiting', hasBell: true });
});

test('a spinner in the title of an agent that says nothing means work', async () => {
  tmux('new-session', '-d', '-s', 'spin', `printf '\\033]2;⠐ Fix the build\\007'; exec cat`);
  await expect
    .poll(async () => (await list()).find(({ name }) => name === 'spin'), { timeout: 10_000 })
    .toMatchObject({ state: 'working', title: '⠐ Fix the build' });
});

test('states, titles and names that look like commands or lines of the protocol are text', async () => {
  const title = "'; run-shell 'touch pwned' #(touch pwned) #{version}";
  await afterNotice(() => {
    tmux(
      'new-session',
      '-d',
      '-s',
      '%end 1 2 1',
      'sh',
      '-c',
      `printf '%s' "$0"; exec cat`,
      `\u001b]2;${title}\u0007`,
    );
    const id = tmux('list-sessions', '-F', '#{session_id}', '-f', '#{m:%end*,#{session_name}}');
    const target = `${id.toString().trim()}:`;
    tmux('set-option', '-p', '-t', target, '@agent_state', "#(touch pwned)'\n%exit");
  });
  await expect
    .poll(async () => (await list()).find(({ name }) => name === '%end 1 2 1'), { timeout: 10_000 })
    .toMatchObject({ state: 'unknown', title });
  expect(existsSync(path.join(directory, 'pwned'))).toBe(false);
  expect(client.exitCode).toBe(null);
});

test('the end of a session is announced', async () => {
  await afterNotice(() => tmux('kill-session', '-t', '=ring'));
  expect((await list()).map(({ name }) => name)).not.toContain('ring');
});
