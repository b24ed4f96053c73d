import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import headless from '@xterm/headless';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tmuxWidths, type WidthProvider } from '../../lib/tmux-widths.ts';

const exec = promisify(execFile);
/** Another version of tmux to compare with; the installed one if unset. */
const TMUX = process.env['HUBTAB_TEST_TMUX'] ?? 'tmux';

const SAMPLES = ['👨‍👩‍👧‍👦', '✅', '⚡', '☺️', '⚠️', '👍🏽', '🇫🇷', '日本', 'é', '✻', '●', '⏺', '─'];
const MORE = [
  'e\u0301',
  '1️⃣',
  '❤️‍🔥',
  '🏳️‍🌈',
  '🤷🏽‍♀️',
  '\u1112\u1161\u11ab',
  'क्षि',
  'กำ',
  '⠋',
  'ｱＡ',
  '▶',
  'א',
];

let directory: string;
let version: string;
const tmux = async (...args: string[]) => {
  const socket = path.join(directory, 'socket');
  const env = { ...process.env, LANG: 'C.UTF-8', TERM: 'xterm-256color' };
  const { stdout } = await exec(TMUX, ['-f', '/dev/null', '-u', '-S', socket, ...args], { env });
  return stdout.replace(/\n$/, '');
};

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'hubtab-widths-'));
  await tmux('new-session', '-d', '-s', 'keep', 'cat');
  version = await tmux('display-message', '-p', '#{version}');
});
afterAll(async () => {
  await tmux('kill-server').catch(() => undefined);
  await rm(directory, { recursive: true, force: true });
});

/** What tmux makes of a text: the column after it, and what it sends to clients. */
async function shownByTmux(text: string): Promise<{ column: number; sent: string }> {
  const file = path.join(directory, 'text');
  await writeFile(file, text);
  const wait = `'${TMUX}' -S '${path.join(directory, 'socket')}' wait-for -S shown`;
  const shown = tmux('wait-for', 'shown');
  const id = await tmux(
    'new-session',
    '-d',
    '-P',
    '-F',
    '#{pane_id}',
    '-x',
    '80',
    '-y',
    '5',
    // tmux answers in order: when the answer is there, the text is on its screen.
    `bash -c "stty -echo; cat '${file}'; printf '\\033[6n'; read -r -d R answer; ${wait}; cat"`,
  );
  await shown;
  const column = Number(await tmux('display-message', '-p', '-t', id, '#{cursor_x}'));
  const sent = (await tmux('capture-pane', '-p', '-t', id)).split('\n')[0] ?? '';
  await tmux('kill-pane', '-t', id);
  return { column, sent };
}

async function ourColumns(text: string): Promise<number> {
  const terminal = new headless.Terminal({ cols: 80, rows: 5, allowProposedApi: true });
  let table: WidthProvider | undefined;
  const take = { unicode: { register: (provider: WidthProvider) => (table = provider) } };
  new Unicode11Addon().activate(take as never);
  if (!table) throw new Error('the addon registered nothing');
  const widths = tmuxWidths(version, table);
  terminal.unicode.register(widths);
  terminal.unicode.activeVersion = widths.version;
  await new Promise<void>((done) => terminal.write(text, done));
  const column = terminal.buffer.active.cursorX;
  terminal.dispose();
  return column;
}

test.each([...SAMPLES, ...MORE])('%s takes as many columns as in tmux', async (sample) => {
  const { column, sent } = await shownByTmux(`${sample}|`);
  expect(await ourColumns(sent)).toBe(column);
});
