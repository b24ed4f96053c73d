import { mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  openTerminal,
  screenLines,
  signIn,
  typeLine,
  whenOpen,
  whenScreen,
} from '../../scripts/driver.ts';
import { look } from './looks.ts';
import { firstHub, until, useStage } from './stage.ts';

const stage = useStage({ accounts: 1, hubs: 1 });
const AGENT = 'agent-acme-payments-api-412';
let terminal: Page;
const directory = mkdtempSync(path.join(tmpdir(), 'hubtab-terminal-'));

const main = () => firstHub(stage);

/** Writes bytes as the program in the pane does, and waits until the shell is back. */
let marks = 0;
async function print(bytes: string | Uint8Array): Promise<void> {
  marks += 1;
  const file = path.join(main().hub.home, `print-${marks}`);
  await writeFile(file, bytes);
  await main().hub.user.own(file);
  await typeLine(terminal, `clear; cat print-${marks}; echo; echo shown-${marks}-$((1+1))`);
  await whenScreen(terminal, new RegExp(`^shown-${marks}-2$`));
}

const press = (keys: string) => terminal.keyboard.press(keys);
const chip = (kind: string) => terminal.locator(`[data-chip="${kind}"]`);

/** What the clipboard holds; the browser lets only this test read it. */
const clipboard = () => terminal.evaluate(() => navigator.clipboard.readText());

/** Middle of some text on the screen, in CSS px. */
async function placeOf(text: string): Promise<{ x: number; y: number }> {
  const row = (await screenLines(terminal)).findIndex((line) => line.includes(text));
  const column = ((await screenLines(terminal))[row] ?? '').indexOf(text) + text.length / 2;
  return terminal.evaluate(
    ([row, column]) => {
      const screen = document.querySelector('.xterm-screen');
      const host = document.querySelector('.screen-host') as Element & {
        hubtabTerminal?: { cols: number; rows: number };
      };
      const box = screen?.getBoundingClientRect();
      const { cols = 1, rows = 1 } = host.hubtabTerminal ?? {};
      if (!box) throw new Error('no screen');
      return {
        x: box.x + (box.width / cols) * column,
        y: box.y + (box.height / rows) * (row + 0.5),
      };
    },
    [row, column] as const,
  );
}

async function hover(text: string): Promise<void> {
  const { x, y } = await placeOf(text);
  // From another row: the emulator asks for links again only when the pointer enters one.
  await terminal.mouse.move(x, y + 100);
  await terminal.mouse.move(x, y, { steps: 3 });
}

async function ctrlClick(text: string): Promise<void> {
  await hover(text);
  await terminal.keyboard.down('Control');
  await terminal.mouse.down();
  await terminal.mouse.up();
  await terminal.keyboard.up('Control');
}

/** Pastes as the browser does. */
async function paste(text: string): Promise<void> {
  await terminal.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData('text/plain', pasted);
    const event = new ClipboardEvent('paste', {
      clipboardData: data,
      bubbles: true,
      cancelable: true,
    });
    document.querySelector('.xterm-helper-textarea')?.dispatchEvent(event);
  }, text);
}

beforeAll(async () => {
  const { hub, id } = main();
  const repository = await hub.makeRepository('payments-api');
  const start = ['agent', 'start', '--repo', 'acme/payments-api', '--issue', '412', '--json'];
  await hub.hubtab([...start, '--dir', repository]);
  await hub.tmux('new-session', '-d', '-s', 'main', '-c', hub.home);
  await (await signIn(stage.browser, stage.stack.info)).close();
  await stage.browser.context.grantPermissions(['clipboard-read']);
  terminal = await openTerminal(stage.browser, id, 'main');
  await whenOpen(terminal);
});
afterAll(() => rm(directory, { recursive: true, force: true }));
beforeEach(() => terminal.bringToFront());

describe('the clipboard', () => {
  const osc52 = (text: string, selection = 'c') =>
    `\u001b]52;${selection};${Buffer.from(text).toString('base64')}\u0007`;

  beforeAll(async () => {
    await main().hub.tmux('set-option', '-g', 'set-clipboard', 'on');
  });

  test('a program may not write it before a person agreed', async () => {
    await print(osc52('from the hub'));
    expect(await chip('consent').innerText()).toMatch(/wants to copy “from the hub”/);
    await chip('consent').getByText('Never').click();
    await until(() => chip('consent').count()).toBe(0);
    await print(osc52('again'));
    expect(await chip('consent').count()).toBe(0);
    expect(await clipboard()).not.toMatch(/hub|again/);
  });

  test('a program may write it where a person said so, for good, and with each selection', async () => {
    await terminal.evaluate(async (key) => chrome.storage.local.remove(key), `hub:${main().id}`);
    await print(osc52('é日本'));
    await chip('consent').getByText('Always').click();
    await until(clipboard).toBe('é日本');
    for (const selection of ['', 'c', 'p', 's']) {
      await print(osc52(`by “${selection}”`, selection));
      await until(clipboard).toBe(`by “${selection}”`);
    }
  });

  test('no program ever reads it', async () => {
    await terminal.evaluate(() => navigator.clipboard.writeText('only the person’s'));
    const answers = await terminal.evaluate(async () => {
      const host = document.querySelector('.screen-host') as Element & {
        hubtabTerminal?: {
          onData(listener: (data: string) => void): { dispose(): void };
          write(data: string, done: () => void): void;
        };
      };
      const term = host.hubtabTerminal;
      const said: string[] = [];
      const listening = term?.onData((data) => said.push(data));
      const asked = '\u001b]52;c;?\u0007\u001b]52;;?\u001b\\\u001b]52;p;?\u0007';
      await new Promise<void>((done) => term?.write(asked, done));
      // The emulator does answer, and in order: what it is, after the questions.
      await new Promise<void>((done) => term?.write('\u001b[c', done));
      listening?.dispose();
      return said;
    });
    expect(answers).toEqual(['\u001b[?1;2c']);
    await press('Control+c'); // the answer was typed into the shell
    expect(await clipboard()).toBe('only the person’s');
  });
});

describe('pasting', () => {
  const takesPasteWhole = () =>
    terminal.evaluate(() => {
      const host = document.querySelector('.screen-host') as Element & {
        hubtabTerminal?: { modes: { bracketedPasteMode: boolean } };
      };
      return host.hubtabTerminal?.modes.bracketedPasteMode;
    });

  test('several lines into a program that runs each are asked about, and shown', async () => {
    await typeLine(terminal, 'clear; cat > pasted');
    await until(takesPasteWhole).toBe(false); // the shell did, until it started the program
    await paste('one\ntwo\n');
    const card = terminal.locator('[role="alertdialog"]');
    expect(await card.innerText()).toMatch(/Paste 2 lines\?[^]*one\ntwo[^]*Each line runs/);
    await card.getByText('Cancel').click();
    await paste('three\nfour\n');
    await card.waitFor(); // with the focus on its main button
    await press('Enter');
    await whenScreen(terminal, /^four$/);
    await press('Control+d');
    expect(await main().hub.mustExec(['cat', 'pasted'])).toBe('three\nfour\n');
  });

  test('a program that takes a paste whole gets it at once, without a way out of its brackets', async () => {
    // The shell takes pastes whole as well: what counts is that it has given the terminal away.
    await typeLine(terminal, `clear; printf '\\e[?2004h'; echo given-$((1+1)); cat -v`);
    await whenScreen(terminal, /^given-2$/);
    await until(takesPasteWhole).toBe(true);
    await paste('a\u001b[201~b\nc');
    await press('Enter');
    await whenScreen(terminal, /\^\[\[200~ab/);
    await whenScreen(terminal, /^c\^\[\[201~/);
    await press('Control+c');
    await typeLine(terminal, `printf '\\e[?2004l'; clear`);
  });

  test('one line needs no question', async () => {
    await typeLine(terminal, 'clear');
    await paste('echo one-$((1+1))');
    await press('Enter');
    await whenScreen(terminal, /^one-2$/);
  });
});

describe('links', () => {
  const opened = async (act: () => Promise<void>) => {
    const page = stage.browser.context.waitForEvent('page', { timeout: 10_000 });
    await act();
    const url = (await page).url();
    await (await page).close();
    return url;
  };
  const tip = () => terminal.locator('[data-tip]').innerText();

  test('an address says where it leads and opens with Ctrl', async () => {
    await print('see http://127.1.0.1.nip.example:9/x?y=1.\n');
    await hover('nip.example');
    await until(tip).toBe('http://127.1.0.1.nip.example:9/x?y=1 · Ctrl click opens');
    expect(await opened(() => ctrlClick('nip.example'))).toMatch(/nip\.example|chrome-error/);
  });

  test.each([
    ['https://github.com@evil.example/', 'evil.example', /name before the @/],
    ['https://gıthub.com/acme', 'thub.com', /look like others/],
    ['http://localhost:4010/health', 'localhost', /address of .* itself/],
  ])('%s is not opened', async (address, at, why) => {
    await print(`${address} \n`);
    const pages = stage.browser.context.pages().length;
    await ctrlClick(at);
    await until(() => chip('notice').innerText()).toMatch(why);
    expect(stage.browser.context.pages()).toHaveLength(pages);
  });

  test('javascript: and other addresses are plain text', async () => {
    await print('javascript:alert(1) file:///etc/passwd \n');
    await hover('javascript');
    await ctrlClick('javascript');
    expect(await terminal.locator('[data-tip]').count()).toBe(0);
  });

  test('a file with a line is offered for download', async () => {
    await print('error in src/deep/a.ts:12:3 \n');
    await ctrlClick('src/deep/a.ts');
    await until(() => terminal.inputValue('#download-path')).toBe('src/deep/a.ts');
    await press('Escape');
    await until(() => terminal.locator('#download-path').count()).toBe(0);
  });
});

describe('finding and going', () => {
  test('find marks every match and steps through them', async () => {
    await print('needle here\nand a needle there\n');
    await press('Control+Shift+F');
    await terminal.keyboard.type('needle');
    const count = terminal.locator('.find-bar .num');
    await until(() => count.innerText()).toMatch(/^\d of 2$/);
    const first = await count.innerText();
    await press('Enter');
    await until(() => count.innerText()).not.toBe(first);
    await press('Escape');
    await typeLine(terminal, 'clear; echo back-$((1+1))');
    await whenScreen(terminal, /^back-2$/);
  });

  test('the palette goes to another session by a few letters', async () => {
    await press('Control+Shift+P');
    await terminal.locator(`[data-item="${main().id}/${AGENT}"]`).waitFor();
    await terminal.keyboard.type('pay 412');
    const page = stage.browser.context.waitForEvent('page');
    await press('Enter');
    const agent = await page;
    await whenOpen(agent);
    expect(agent.url()).toContain(AGENT);
    await agent.close();
  });

  test('the next agent that waits is one key away', async () => {
    await main().hub.tmux('set-option', '-p', '-t', `=${AGENT}:`, '@agent_state', 'waiting');
    const popup = await stage.browser.open('popup.html');
    await popup.locator(`[data-session="${AGENT}"][data-state="waiting"]`).first().waitFor();
    await popup.close();
    await terminal.bringToFront();
    const page = stage.browser.context.waitForEvent('page');
    await press('Control+Shift+J');
    await whenOpen(await page);
    expect((await page).url()).toContain(AGENT);
    await (await page).close();
    await main().hub.tmux('set-option', '-p', '-t', `=${AGENT}:`, '-u', '@agent_state');
  });

  test('text is bigger on this hub until it is usual again, and tmux follows', async () => {
    const columns = () =>
      main().hub.tmux('display-message', '-p', '-t', '=main:', '#{window_width}');
    const before = Number(await columns());
    for (let i = 0; i < 4; i += 1) await press('Control+=');
    await until(async () => Number(await columns())).toBeLessThan(before);
    const other = await openTerminal(stage.browser, main().id, AGENT);
    await whenOpen(other);
    const fontPx = () =>
      other.evaluate(() => {
        const host = document.querySelector('.screen-host') as Element & {
          hubtabTerminal?: { options: { fontSize: number } };
        };
        return host.hubtabTerminal?.options.fontSize;
      });
    await until(fontPx).toBe(18);
    await terminal.bringToFront();
    await terminal.locator('.xterm-helper-textarea').focus();
    await press('Control+0');
    await until(async () => Number(await columns())).toBe(before);
    await until(fontPx).toBe(14);
    await other.close();
  });
});

describe('options', () => {
  const options = () => stage.browser.open('options.html', { width: 1000, height: 900 });
  const emulator = () =>
    terminal.evaluate(() => {
      const host = document.querySelector('.screen-host') as Element & {
        hubtabTerminal?: { options: { fontSize: number; fontFamily: string; theme: object } };
      };
      return host.hubtabTerminal?.options;
    });

  test('every key of terminals can be another one, by keys alone', async () => {
    const page = await options();
    const button = page.locator('[data-command="find"]');
    await button.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('a'); // types: no key of a command
    await page.keyboard.press('Control+Shift+Y');
    await until(() => button.innerText()).toMatch(/Ctrl Shift Y$/);
    await page.getByText('Saved').waitFor();
    await page.keyboard.press('Enter'); // the focus has stayed
    await page.keyboard.press('Control+Shift+H');
    await page.getByText('Ctrl Shift H does “Find on the screen”.').waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+Shift+Y');
    await until(() => button.innerText()).toMatch(/Ctrl Shift Y$/);
    await terminal.bringToFront();
    await terminal.locator('.xterm-helper-textarea').focus();
    await press('Control+Shift+F');
    await press('Control+Shift+Y');
    await terminal.locator('.find-bar').waitFor();
    await press('Escape');
    await page.getByRole('button', { name: 'Usual Find on the screen' }).click();
    await until(() => button.innerText()).toMatch(/Ctrl Shift F$/);
    await page.close();
  });

  test('so can those of the popup and the history', async () => {
    const page = await options();
    const choose = async (command: string, keys: string) => {
      await page.locator(`[data-command="${command}"]`).focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press(keys);
    };
    const shown = (command: string) => page.locator(`[data-command="${command}"]`).innerText();
    await choose('row-down', 'Control+j');
    await until(() => shown('row-down')).toMatch(/Ctrl J$/);
    await choose('open-number', 'Control+Alt+3');
    await until(() => shown('open-number')).toMatch(/Ctrl Alt 1$/);
    await choose('search', 's');
    await until(() => shown('search')).toMatch(/\ss$/);
    const everywhere = page.getByRole('group', { name: 'In every tab' });
    await until(() => everywhere.innerText()).toMatch(/Next agent that waits/);
    expect(await look(page, 'options-keyboard')).toEqual([]);

    const popup = await stage.browser.open('popup.html');
    await popup.locator(`[data-session="${AGENT}"]`).first().waitFor();
    const active = () => popup.locator('[aria-selected="true"]').getAttribute('data-session');
    const first = await active();
    await popup.keyboard.press('ArrowDown');
    expect(await active()).toBe(first);
    await popup.keyboard.press('Control+j');
    await until(active).not.toBe(first);
    await popup.close();

    const history = await stage.browser.open(`history.html#${main().id}/main`);
    await history.waitForSelector('[data-state="ready"]');
    await until(() => history.locator('.foot').innerText()).toMatch(/^[^/]*s\s+Find/);
    await history.keyboard.press('/');
    await history.keyboard.press('s');
    await until(() => history.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
    expect(await history.inputValue('.find input')).toBe('');
    await history.close();
    await page.evaluate(() => chrome.storage.sync.clear());
    await until(() => shown('search')).toMatch(/\/$|Ctrl F/);
    await page.close();
  });

  test('font, size and colours are on every terminal at once, and go into a file and back', async () => {
    const page = await options();
    await page.fill('input[name="size"]', '17');
    await page.fill('input[name="font"]', 'Fira Code');
    await page.press('input[name="font"]', 'Tab');
    await page.getByText('High contrast').click();
    await until(emulator).toMatchObject({ fontSize: 17, theme: { background: '#000000' } });
    expect((await emulator())?.fontFamily).toMatch(/^'Fira Code', 'JetBrains Mono NL'/);
    await page.fill('input[name="font"]', "x', url(y)");
    await page.press('input[name="font"]', 'Tab');
    await page.getByText('Not stored. A font’s name').waitFor();

    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    const file = path.join(directory, 'settings.json');
    await (await downloading).saveAs(file);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ settings: { fontPx: 17 } });
    await page.evaluate(() => chrome.storage.sync.clear());
    await until(emulator).toMatchObject({ fontSize: 14 });
    await page.setInputFiles('input[type="file"]', file);
    await page.getByText('14 settings taken').waitFor();
    await until(emulator).toMatchObject({ fontSize: 17, theme: { background: '#000000' } });
    await writeFile(file, 'no settings');
    await page.setInputFiles('input[type="file"]', file);
    await page.getByText('This file holds no settings of Hubtab.').waitFor();
    expect(await look(page, 'options-terminal')).toEqual([]);
    await page.evaluate(() => chrome.storage.sync.clear());
    await until(emulator).toMatchObject({ fontSize: 14 });
    await page.close();
  });
});

describe('files', () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251);
  let folder = '';
  afterAll(async () => {
    if (folder !== '') await main().hub.exec(['find', folder, '-type', 'f', '-delete']);
  });

  test('a dropped file is on the hub, private, and its path in the prompt', async () => {
    await typeLine(terminal, 'clear; cat -v');
    await terminal.evaluate((content) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(content)], 'my ‘shot’;$(x).png'));
      const event = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector('.screen-host')?.dispatchEvent(event);
    }, Array.from(bytes));
    const line = await whenScreen(terminal, /\/\.cache\/hubtab\/files\/\S+-my-shot-x\.png/);
    await press('Control+c');
    const file = /\S+\.png/.exec(line)?.[0] ?? '';
    folder = path.dirname(file);
    expect(new Uint8Array(await readFile(file))).toEqual(bytes);
    const { hub } = main();
    expect(await hub.mustExec(['stat', '-c', '%a %U', file, folder])).toBe(
      `600 ${hub.user.name}\n700 ${hub.user.name}\n`,
    );
  });

  test('an upload that is cancelled leaves nothing', async () => {
    const before = (await main().hub.mustExec(['ls', folder])).split('\n');
    await terminal.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(60_000_000)], 'big.bin'));
      const event = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector('.screen-host')?.dispatchEvent(event);
    });
    await until(async () => main().hub.mustExec(['ls', folder])).toMatch(/\.part/);
    await chip('upload').getByText('Cancel').click();
    await until(async () => (await main().hub.mustExec(['ls', folder])).split('\n')).toEqual(
      before,
    );
    expect(await chip('upload').count()).toBe(0);
  });

  test('a file of the pane’s folder is downloaded, and what is not there is said to be missing', async () => {
    const name = "quo'te $(x).bin";
    await writeFile(path.join(main().hub.home, name), bytes);
    await press('Control+Shift+S');
    await terminal.fill('#download-path', name);
    const downloading = terminal.waitForEvent('download');
    await press('Enter');
    const download = await downloading;
    await download.saveAs(path.join(directory, 'fetched'));
    expect(new Uint8Array(await readFile(path.join(directory, 'fetched')))).toEqual(bytes);

    await terminal.locator('.xterm-helper-textarea').focus();
    await press('Control+Shift+S');
    await terminal.fill('#download-path', 'nowhere.txt');
    await press('Enter');
    await until(() => chip('failed').innerText()).toMatch(/There is no file nowhere.txt/);
    await chip('failed').getByText('Close').click();
  });
});

test('a session that another client keeps at its size says so, and follows this tab when asked', async () => {
  const { hub } = main();
  const window = () =>
    hub.tmux('display-message', '-p', '-t', '=main:', '#{window_width}x#{window_height}');
  const ours = await window();
  await hub.tmux('set-option', '-g', 'window-size', 'smallest');
  const client = 'unset TMUX; exec tmux attach -t =main';
  await hub.tmux('new-session', '-d', '-s', 'desk', client);
  await hub.tmux('resize-window', '-t', '=desk:', '-x', '80', '-y', '24');
  await until(() => chip('size').innerText()).toMatch(
    /Another client keeps this session at 80×24\./,
  );
  expect(await terminal.locator('.bar .tag').innerText()).toBe('80×24');
  expect(await look(terminal, 'terminal-size')).toEqual([]);
  await chip('size').getByText('Use my size').click();
  await until(() => chip('size').count()).toBe(0);
  expect(await window()).toBe(ours);
  expect(await terminal.locator('.bar .tag').count()).toBe(0);

  await hub.tmux('set-option', '-w', '-t', '=main:', 'window-size', 'manual');
  await hub.tmux('resize-window', '-t', '=main:', '-x', '70', '-y', '20');
  await until(() => chip('size').innerText()).toMatch(
    /was given 70×21 by hand\. Also attached: 80×24/,
  );
  await terminal.locator('.xterm-helper-textarea').focus();
  await press('Control+Shift+P');
  await terminal.keyboard.type('my size');
  await press('Enter');
  await until(window).toBe(ours);
  await until(() => chip('size').count()).toBe(0);

  const name = '#{client_name} #{client_height}';
  const clients = (await hub.tmux('list-clients', '-t', '=main', '-F', name)).split('\n');
  const mine = clients.map((line) => line.split(' ')).find(([, rows]) => rows !== '24')?.[0] ?? '';
  await hub.tmux('switch-client', '-c', mine, '-r', '-t', '=main');
  await hub.tmux('kill-session', '-t', '=desk');
  await until(() => terminal.locator('.bar .tag').allInnerTexts()).toEqual(['Read only']);
  await hub.tmux('set-option', '-gu', 'window-size');
  await terminal.reload(); // a new client, which may type
  await whenOpen(terminal);
});

test('history shows all that scrolled off, in colour, and finds what is in it', async () => {
  await main().hub.tmux('clear-history', '-t', '=main:');
  await typeLine(
    terminal,
    `clear; for i in $(seq 500); do printf 'line %d \\e[31mred\\e[0m\\n' $i; done`,
  );
  await whenScreen(terminal, /^line 500 red$/);
  await typeLine(terminal, `printf '\\e[1mthe\\e[0m %s\\n' answer "in $((1+1)) lines"`);
  await whenScreen(terminal, /^the in 2 lines$/);
  const opening = stage.browser.context.waitForEvent('page');
  await press('Control+Shift+H');
  const history = await opening;
  await history.waitForSelector('[data-state="ready"]');
  const lines = history.locator('.l');
  expect(await lines.count()).toBeGreaterThanOrEqual(501);
  const text = history.locator('.l > span', { hasText: /^line 123 red$/ });
  expect(await text.locator('span').getAttribute('style')).toMatch(/--t-1/);

  await history.keyboard.press('a');
  await history.getByText('Copied 2 lines').waitFor();
  const copied = history.evaluate(() => navigator.clipboard.readText());
  expect(await copied).toBe('the answer\nthe in 2 lines');

  await history.keyboard.press('/');
  await history.keyboard.type('line 12');
  await until(() => history.locator('.find .num').innerText()).toBe('11 of 11');
  await history.getByText('Only matching lines').click();
  await until(() => history.locator('.l:visible').count()).toBe(11);
  await history.fill('.find input', 'nowhere');
  await history.getByText(/“nowhere” is not in these \d+ lines/).waitFor();

  const number = await lines.filter({ hasText: 'line 40 red' }).getAttribute('data-line');
  await history.goto(`${history.url().replace(/\/L.*/, '')}/L${number}`);
  await history.reload();
  await until(() => history.locator('.l.pick > span').innerText()).toBe('line 40 red');
  await history.close();
});
