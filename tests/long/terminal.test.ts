import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { styledLines, type TextStyle } from '../../lib/styled-lines.ts';
import {
  openTerminal,
  screenLines,
  signIn,
  typeLine,
  whenOpen,
  whenScreen,
} from '../../scripts/driver.ts';
import { firstHub, until, useStage } from '../e2e/stage.ts';

const stage = useStage({ accounts: 1, hubs: 1 });
let terminal: Page;

const main = () => firstHub(stage);

/** The emulator of a page, as far as these tests go. */
interface TerminalHost extends Element {
  hubtabTerminal: {
    cols: number;
    rows: number;
    write(data: string | Uint8Array, done?: () => void): void;
    onData(listener: (data: string) => void): { dispose(): void };
    buffer: {
      active: {
        baseY: number;
        getLine(y: number): { getCell(x: number): Cell | undefined } | undefined;
      };
    };
  };
}
interface Cell {
  getChars(): string;
  getWidth(): number;
  getFgColor(): number;
  getBgColor(): number;
  isFgPalette(): boolean;
  isBgPalette(): boolean;
  isFgRGB(): boolean;
  isBgRGB(): boolean;
  isBold(): number;
  isDim(): number;
  isItalic(): number;
  isUnderline(): number;
  isInverse(): number;
  isStrikethrough(): number;
}

/** What is on the page's screen: each row as characters with their looks, as `capture-pane -e` would write them. */
function ourCells(page: Page): Promise<string[][]> {
  return page.evaluate(() => {
    const term = (document.querySelector('.screen-host') as TerminalHost).hubtabTerminal;
    const { active } = term.buffer;
    const colour = (isPalette: boolean, isRgb: boolean, value: number) => {
      if (isRgb) return `#${value.toString(16).padStart(6, '0')}`;
      return isPalette ? String(value) : '';
    };
    const looks = (cell: Cell) =>
      [
        colour(cell.isFgPalette(), cell.isFgRGB(), cell.getFgColor()),
        colour(cell.isBgPalette(), cell.isBgRGB(), cell.getBgColor()),
        cell.isBold() && 'bold',
        cell.isDim() && 'dim',
        cell.isItalic() && 'italic',
        cell.isUnderline() && 'underline',
        cell.isInverse() && 'inverse',
        cell.isStrikethrough() && 'strike',
      ].map((look) => look || '');
    return Array.from({ length: term.rows }, (_, y) => {
      const line = active.getLine(active.baseY + y);
      const cells = Array.from({ length: term.cols }, (_, x) => line?.getCell(x));
      return cells.flatMap((cell) => {
        if (!cell || cell.getWidth() === 0) return [];
        return [...(cell.getChars() || ' ')].map((char) => [char, ...looks(cell)].join('/'));
      });
    });
  });
}

function looksOf(style: TextStyle): string {
  const { colour, background, bold, dim, italic, underline, inverse, strike } = style;
  return [
    colour ?? '',
    background ?? '',
    bold && 'bold',
    dim && 'dim',
    italic && 'italic',
    underline && 'underline',
    inverse && 'inverse',
    strike && 'strike',
  ]
    .map((look) => (look === undefined || look === false ? '' : look))
    .join('/');
}

/** tmux 3.3 keeps a joiner whose next character no longer fits, and never sends it: nobody could see it. */
const withoutJoiners = (row: string[]) => row.filter((cell) => !cell.startsWith('\u200d'));

const BLANK = ` /${looksOf({})}`;
const withoutBlanks = (row: string[]) =>
  row.slice(0, row.findLastIndex((cell) => cell !== BLANK) + 1);

/** What tmux has in a session's pane. */
async function tmuxCells(session: string): Promise<string[][]> {
  const captured = await main().hub.tmux('capture-pane', '-p', '-e', '-N', '-t', `=${session}:`);
  return styledLines(captured).map((line) =>
    line.flatMap(({ text, style }) => [...text].map((char) => `${char}/${looksOf(style)}`)),
  );
}

/** Waits until page and tmux have the same in every cell. */
async function agree(page: Page, session: string, cols = Infinity): Promise<void> {
  await until(async () => {
    const [theirs, ours] = [await tmuxCells(session), await ourCells(page)];
    for (const [row, wanted] of theirs.entries()) {
      const have = withoutJoiners(withoutBlanks((ours[row] ?? []).slice(0, cols))).join(' ');
      const want = withoutJoiners(withoutBlanks(wanted)).join(' ');
      if (have !== want) return `row ${row}\nours   ${have}\ntmux's ${want}`;
    }
    return 'the same';
  }).toBe('the same');
}

async function openSession(session: string, command: string[] = []): Promise<Page> {
  await main().hub.tmux('new-session', '-d', '-s', session, '-c', main().hub.home, ...command);
  const page = await openTerminal(stage.browser, main().id, session);
  await whenOpen(page);
  return page;
}

beforeAll(async () => {
  await main().hub.tmux('new-session', '-d', '-s', 'main', '-c', main().hub.home);
  await main().hub.tmux('set-option', '-g', 'set-titles', 'on');
  await (await signIn(stage.browser, stage.stack.info)).close();
  await stage.browser.context.grantPermissions(['clipboard-read']);
  terminal = await openTerminal(stage.browser, main().id, 'main');
  await whenOpen(terminal);
});
beforeEach(() => terminal.bringToFront());

describe('what tmux has is on the screen, cell by cell', () => {
  test('the width samples', async () => {
    const samples = '👨‍👩‍👧‍👦 ✅ ⚡ ☺️ ⚠️ 👍🏽 🇫🇷 日本 é ✻ ● ⏺ ─'.split(' ');
    const file = path.join(main().hub.home, 'samples');
    await writeFile(file, samples.map((sample) => `${sample}|x${sample}${sample}|\n`).join(''));
    await typeLine(terminal, 'clear; cat samples; echo all');
    await whenScreen(terminal, /^all$/);
    await agree(terminal, 'main');
  });

  test('an agent’s interface at 60 frames a second', async () => {
    const script = path.join(main().hub.home, 'agent.mjs');
    await writeFile(script, AGENT_SCRIPT);
    const [node = ''] = main().hub.hubtabCommand([]);
    const page = await openSession('replay', [`'${node}' agent.mjs`]);
    for (let stop = 1; stop <= 8; stop += 1) {
      await page.locator('.xterm-helper-textarea').focus();
      await page.keyboard.press('Enter');
      await whenScreen(page, new RegExp(`stop ${stop} of 8`), 60_000);
      await agree(page, 'replay');
    }
    await page.close();
    await main().hub.tmux('kill-session', '-t', '=replay');
  });

  test.each([
    ['1', 'cursor movements'],
    ['2', 'screen features'],
    ['3', 'character sets'],
  ])('vttest %s: %s', async (choice) => {
    const session = `vttest-${choice}`;
    const page = await openSession(session, ['-x', '80', '-y', '24', 'vttest']);
    const pane = `=${session}:`;
    await main().hub.tmux('resize-window', '-t', pane, '-x', '80', '-y', '24');
    const shown = () => main().hub.tmux('capture-pane', '-p', '-t', pane);
    await until(shown).toMatch(/Enter choice number/);
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.type(choice);
    let screens = 0;
    for (let isOver = false; !isOver && screens < 60; screens += 1) {
      await page.keyboard.press('Enter');
      // Some screens scroll slowly; each ends in a prompt of its own.
      await settled(shown);
      await agree(page, session, 80);
      isOver = /Choose test type:|VT100 test program/.test(await shown()) && screens > 0;
      if (/Enter choice number/.test(await shown()) && !isOver) await page.keyboard.type('0');
    }
    expect(screens).toBeGreaterThan(1);
    await page.close();
    await main().hub.tmux('kill-session', '-t', `=${session}`);
  });
});

/** Waits until what is read stays the same for a while that a program at rest needs no longer. */
async function settled(read: () => Promise<string>): Promise<void> {
  let [last, since] = [await read(), Date.now()];
  await until(async () => {
    const now = await read();
    if (now !== last) [last, since] = [now, Date.now()];
    return Date.now() - since;
  }, 60_000).toBeGreaterThan(400);
}

describe('hostile output', () => {
  /** Writes to the emulator what a hub could send in place of tmux, and waits until it is parsed. */
  const feed = (page: Page, piece: string, times: number) =>
    page.evaluate(
      async ([text, count]) => {
        const term = (document.querySelector('.screen-host') as TerminalHost).hubtabTerminal;
        const said: string[] = [];
        const listening = term.onData((data) => said.push(data));
        for (let i = 0; i < count; i += 1)
          await new Promise<void>((done) => term.write(text, done));
        listening.dispose();
        return said.join('');
      },
      [piece, times] as const,
    );
  const isAlive = async () => {
    await typeLine(terminal, 'clear; echo alive-$((1+1))');
    await whenScreen(terminal, /^alive-2$/, 60_000);
  };
  const elements = () =>
    terminal.evaluate(() => document.querySelectorAll('img, script, iframe, a').length);

  test('100 MB without a newline, and the keys still work', async () => {
    await typeLine(
      terminal,
      `clear; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo over-$((1+1))`,
    );
    await whenScreen(terminal, /^over-2$/, 300_000);
    await isAlive();
    await feed(terminal, 'x'.repeat(1_000_000), 100);
    await isAlive();
  });

  test('an endless stream is stopped by Ctrl+C', async () => {
    await typeLine(terminal, 'clear; yes');
    await whenScreen(terminal, /^y$/);
    await terminal.keyboard.press('Control+c');
    await isAlive();
  });

  test('bytes that are no text', async () => {
    await typeLine(
      terminal,
      // Always the same noise.
      `clear; head -c 500000 /dev/zero | openssl enc -aes-128-ctr -K ${'0'.repeat(32)} -iv ${'0'.repeat(32)}; reset; clear; echo over-$((1+1))`,
    );
    await whenScreen(terminal, /over-2/, 180_000);
    await main().hub.tmux('send-keys', '-t', '=main:', '-R');
    await main().hub.tmux('clear-history', '-t', '=main:');
    await isAlive();
    await terminal.evaluate(async () => {
      const term = (document.querySelector('.screen-host') as TerminalHost).hubtabTerminal;
      let seed = 1;
      for (let i = 0; i < 40; i += 1) {
        const bytes = Uint8Array.from({ length: 65_536 }, () => {
          seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
          return 0x80 + ((seed >> 16) % 0x80); // continuation bytes, overlong forms, and what never begins
        });
        await new Promise<void>((done) => term.write(bytes, done));
      }
    });
    await isAlive();
  });

  test('titles with markup are text, and cannot turn the line around', async () => {
    const before = await elements();
    await typeLine(terminal, `printf '\\e]2;<img src=x onerror=alert(1)>\\u202e<script>\\a'`);
    await until(() => terminal.locator('.bar').innerText()).toContain(
      '<img src=x onerror=alert(1)>',
    );
    expect(await terminal.locator('.bar').innerText()).not.toMatch(/[\u202a-\u202e]/);
    expect(await elements()).toBe(before);
    await typeLine(terminal, `printf '\\e]2;shell\\a'`);
  });

  test('floods of bells, titles, notifications and copies are one of each', async () => {
    const pages = stage.browser.context.pages().length;
    const copy = `\u001b]52;c;${Buffer.from('flood').toString('base64')}\u0007`;
    const flood = `\u0007\u001b]2;t\u0007\u001b]9;n\u0007\u001b]777;notify;a;b\u0007\u001b]99;;x\u001b\\${copy}`;
    await feed(terminal, flood.repeat(1000), 50);
    expect(await terminal.locator('[data-chip="consent"]').count()).toBe(1);
    const rings = Number(await terminal.locator('.bar .flash').getAttribute('data-rings'));
    expect(rings).toBeGreaterThan(0);
    expect(rings).toBeLessThan(200); // of 50,000
    await terminal.locator('[data-chip="consent"]').getByText('Never').click();
    expect(stage.browser.context.pages()).toHaveLength(pages);
    expect(await terminal.evaluate(() => navigator.clipboard.readText())).not.toBe('flood');
    await isAlive();
  });

  test('questions to the terminal get no answer that a person wrote or that says more than what it is', async () => {
    const questions =
      '\u001b[21t\u001b[20t\u001b]52;c;?\u0007\u001bP+q544e\u001b\\\u001b]4;1;?\u0007\u001b[>q\u001b[c';
    const answer = await feed(terminal, questions, 1);
    expect(answer).not.toMatch(/\u001b\]l|\u001b\]L|52;/);
    await terminal.keyboard.press('Control+c');
    await isAlive();
  });

  test('sequences that never end, and numbers out of all proportion', async () => {
    for (const piece of ['\u001bP', '\u001b]8;;', '\u001b_', '\u001b^', '\u001b['])
      await feed(terminal, `${piece}${'9'.repeat(500_000)};`, 4);
    await feed(
      terminal,
      '\u0018\u001b[999999999;999999999H\u001b[999999999b\u001b[2147483648S\u001bc',
      20,
    );
    await terminal.reload();
    await whenOpen(terminal);
    await isAlive();
  });

  test('links of a program show their real target, and only the web’s are links', async () => {
    const link = (url: string, text: string) =>
      `\u001b]8;;${url}\u001b\\${text}\u001b]8;;\u001b\\ `;
    const pages = stage.browser.context.pages().length;
    const pointAt = async (text: string) => {
      // Each time anew: tmux may draw over it.
      await feed(
        terminal,
        `\u001b[2J\u001b[5;1H${link('javascript:alert(1)', 'script')}\r\n${link('https://evil.example/', 'https://github.com/acme')}`,
        1,
      );
      const { x, y } = await placeOf(terminal, text);
      await terminal.mouse.move(x, y + 80);
      await terminal.mouse.move(x, y, { steps: 2 });
    };
    const clickWithControl = async () => {
      await terminal.keyboard.down('Control');
      await terminal.mouse.down();
      await terminal.mouse.up();
      await terminal.keyboard.up('Control');
    };
    await pointAt('script');
    await clickWithControl();
    // xterm.js looks for links when the pointer comes into a row: what is drawn later needs another look.
    await until(async () => {
      await pointAt('github.com');
      return terminal.locator('[data-tip]').innerText({ timeout: 1000 });
    }).toBe('https://evil.example/');
    await clickWithControl();
    await until(() => terminal.locator('[data-chip="notice"]').innerText()).toMatch(
      /elsewhere than it says/,
    );
    expect(stage.browser.context.pages()).toHaveLength(pages);
    await isAlive();
  });
});

/** Middle of some text on the screen, in CSS px. */
async function placeOf(page: Page, text: string): Promise<{ x: number; y: number }> {
  const lines = await screenLines(page);
  const row = lines.findIndex((line) => line.includes(text));
  const column = (lines[row] ?? '').indexOf(text) + text.length / 2;
  return page.evaluate(
    ([row, column]) => {
      const { cols, rows } = (document.querySelector('.screen-host') as TerminalHost)
        .hubtabTerminal;
      const box = document.querySelector('.xterm-screen')?.getBoundingClientRect();
      if (!box) throw new Error('no screen');
      return {
        x: box.x + (box.width / cols) * column,
        y: box.y + (box.height / rows) * (row + 0.5),
      };
    },
    [row, column] as const,
  );
}

test('a program’s progress is a line under the bar and in the title, until it is over', async () => {
  // Written to the emulator: tmux passes it on from 3.7.
  const write = (text: string) =>
    terminal.evaluate(async (bytes) => {
      const term = (document.querySelector('.screen-host') as TerminalHost).hubtabTerminal;
      await new Promise<void>((done) => term.write(bytes, done));
    }, text);
  const line = terminal.locator('.bar progress');
  await write('\u001b]9;4;1;42\u0007');
  await until(() => line.getAttribute('value')).toBe('42');
  await until(() => terminal.title()).toMatch(/ 42% main/);
  await write('\u001b]9;4;3\u0007');
  await until(() => line.getAttribute('value')).toBe(null);
  await write('\u001b]9;4;0\u0007');
  await until(() => line.count()).toBe(0);
});

test('the wheel offers the history over a shell, and moves in a full-screen program', async () => {
  await typeLine(terminal, 'clear; seq 1 300 > numbers; less numbers');
  await whenScreen(terminal, /^1$/);
  await terminal.mouse.move(400, 300);
  await terminal.mouse.wheel(0, 120);
  await until(async () => (await screenLines(terminal))[0]).toBe('4');
  await terminal.keyboard.press('q');
  await until(async () =>
    main().hub.tmux('display-message', '-p', '-t', '=main:', '#{alternate_on}'),
  ).toBe('0');
  await until(async () => {
    await terminal.mouse.wheel(0, -120);
    return terminal.locator('[data-chip="history"]').count();
  }).toBe(1);
});

test('in a window of its own Ctrl+W, Ctrl+T and Ctrl+N are the program’s', async () => {
  await main().hub.tmux('new-session', '-d', '-s', 'windowed', 'cat -v');
  const tab = await openTerminal(stage.browser, main().id, 'windowed');
  await whenOpen(tab);
  const opening = stage.browser.context.waitForEvent('page');
  // It closes the tab, at times before the key is up again.
  await tab.keyboard.press('Control+Shift+O').catch(() => undefined);
  const page = await opening;
  await whenOpen(page);
  await until(async () => tab.isClosed()).toBe(true);
  const type = await page.evaluate(async () => (await chrome.windows.getCurrent()).type);
  expect(type).toBe('popup');
  await page.locator('.xterm-helper-textarea').focus();
  for (const key of ['w', 't', 'n']) {
    await page.keyboard.press('Control+v');
    await page.keyboard.press(`Control+${key}`);
  }
  await page.keyboard.press('Enter');
  await whenScreen(page, /\^W.*\^T.*\^N/);
  await page.close();
});

test('composed text arrives once and whole', async () => {
  await terminal.bringToFront();
  await typeLine(terminal, 'clear; echo cleared; cat');
  await whenScreen(terminal, /^cleared$/);
  const devtools = await stage.browser.context.newCDPSession(terminal);
  await devtools.send('Input.imeSetComposition', {
    text: 'にほ',
    selectionStart: 2,
    selectionEnd: 2,
  });
  await devtools.send('Input.insertText', { text: '日本' });
  await terminal.keyboard.press('Enter');
  await until(
    async () => (await screenLines(terminal)).filter((line) => line === '日本').length,
  ).toBe(2);
  await terminal.keyboard.press('Control+c');
});

test('an update waits for a person, and terminals come back after it, each to its session', async () => {
  const second = await openTerminal(stage.browser, main().id, 'main');
  await whenOpen(second);
  await main().hub.tmux('new-session', '-d', '-s', 'two');
  await second.goto(`${second.url().split('#')[0]}#${main().id}/two`);
  await whenOpen(second);
  const settings = await stage.browser.context.newPage();
  await settings.goto('chrome://extensions');
  // Without developer mode the browser turns an unpacked extension off when it is loaded again.
  await settings.evaluate(() =>
    (
      chrome as unknown as {
        developerPrivate: { updateProfileConfiguration(change: object): Promise<void> };
      }
    ).developerPrivate.updateProfileConfiguration({ inDeveloperMode: true }),
  );
  // A store's update cannot be had here: the background is told as the browser would.
  await terminal.evaluate(() => chrome.storage.session.set({ update: '9.9.9' }));
  const strip = terminal.locator('[data-fault="update"]');
  expect(await strip.innerText()).toMatch(/Update 9.9.9 installs when terminals close/);
  const sessions = () =>
    stage.browser.context
      .pages()
      .filter((page) => !page.isClosed())
      .map((page) => /terminal\.html#[^/]+\/(.*)$/.exec(page.url())?.[1])
      .filter(Boolean)
      .sort();
  const before = sessions();
  expect(before).toEqual(expect.arrayContaining(['main', 'two']));
  await strip.getByText('Restart now').click();
  await until(async () => terminal.isClosed()).toBe(true);
  await until(async () => sessions(), 60_000).toEqual(before);
  const back = stage.browser.context.pages().find((page) => page.url().endsWith('/two'));
  if (!back) throw new Error('no page');
  await whenOpen(back, 120_000);
  await back.bringToFront();
  await typeLine(back, 'echo back-$((1+1))');
  await whenScreen(back, /^back-2$/);
});

/** Draws as coding agents do, always the same: spinners, colours, wide characters, partial redraws, scrolling. */
const AGENT_SCRIPT = String.raw`
const out = (text) => process.stdout.write(text);
const { columns, rows } = process.stdout;
let seed = 7;
const random = (limit) => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return (seed >> 8) % limit;
};
const SPINNER = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏✻✽✶✢·'];
const WORDS = ['Crafting', '日本語テスト', '✅ done', '⚡ fast', '😀 smile', 'é combining', '─│╭╮╰╯', '⏺ Run(npm test)', '한글', '한국어', 'ﬀ ligature', '👨‍👩‍👧‍👦 family', '🇫🇷 flag'];
const colour = () => ['\x1b[3' + random(8) + 'm', '\x1b[9' + random(8) + 'm', '\x1b[38;5;' + random(256) + 'm', '\x1b[38;2;' + random(256) + ';' + random(256) + ';' + random(256) + 'm', '\x1b[4' + random(8) + 'm', '\x1b[48;5;' + random(256) + 'm', '\x1b[1m', '\x1b[2m', '\x1b[3m', '\x1b[4m', '\x1b[7m', '\x1b[9m'][random(12)];
// Whole lines, as agents redraw them: what is left of a wide character cut in half looks otherwise in each terminal.
const line = (y) => '\x1b[' + y + ';1H\x1b[2K';
const text = 'the quick brown fox jumps over the lazy dog.';
let frame = 0;
function draw() {
  out('\x1b[?2026h');
  out('\x1b[1;1H\x1b[K' + colour() + SPINNER[frame % SPINNER.length] + '\x1b[0m ' + WORDS[random(WORDS.length)] + '… (' + frame + 's · esc to interrupt)');
  for (let i = 0; i < 3; i += 1) {
    const y = 3 + random(rows - 6);
    const x = 1 + random(Math.max(1, columns - 30));
    out(line(y) + '\x1b[' + y + ';' + x + 'H' + colour() + colour() + WORDS[random(WORDS.length)] + '\x1b[0m');
  }
  switch (random(8)) {
    case 0: out('\x1b[3;' + (rows - 3) + 'r\x1b[' + (rows - 3) + ';1H\n' + colour() + 'scrolled ' + frame + '\x1b[0m\x1b[r'); break;
    case 1: out(line(3 + random(rows - 6))); break;
    case 2: out('\x1b[' + (3 + random(rows - 6)) + ';5H\x1b[' + (1 + random(4)) + 'L'); break;
    case 3: out('\x1b[' + (3 + random(rows - 6)) + ';5H\x1b[' + (1 + random(4)) + 'M'); break;
    case 4: out(line(3 + random(rows - 6)) + colour() + text + '\x1b[0m\x1b[9G\x1b[' + (1 + random(9)) + 'P'); break;
    case 5: out(line(3 + random(rows - 6)) + colour() + text + '\x1b[0m\x1b[9G\x1b[' + (1 + random(9)) + '@'); break;
    case 6: { const y = 3 + random(rows - 7); out(line(y + 1) + line(y) + '\x1b[' + y + ';' + (columns - 3) + 'H日本語 wraps'); break; }
    default:
  }
  out('\x1b[' + (rows - 1) + ';1H╭' + '─'.repeat(columns - 2) + '╮\x1b[?2026l');
  frame += 1;
}
out('\x1b[?1049h\x1b[2J');
process.stdin.setRawMode(true);
let stop = 0;
process.stdin.on('data', () => {
  const end = frame + 120;
  const timer = setInterval(() => {
    draw();
    if (frame < end) return;
    clearInterval(timer);
    stop += 1;
    out('\x1b[' + rows + ';1H\x1b[Kstop ' + stop + ' of 8');
  }, 1000 / 60);
});
`;
