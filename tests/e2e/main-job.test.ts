import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import {
  clickSession,
  openPopup,
  openTerminal,
  screenLines,
  signIn,
  typeLine,
  whenOpen,
  whenScreen,
} from '../../scripts/driver.ts';
import { until, useStage } from './stage.ts';

const stage = useStage({ accounts: 1, hubs: 3 });
const SESSION = 'agent-acme-payments-api-412';
let popup: Page;
let terminal: Page;

/** The hub that the tests type on, one more that is there, and one that is switched off. */
const hubs = () => {
  const [first, second, off] = stage.stack.info.accounts[0]?.hubs ?? [];
  const [one, two, three] = stage.stack.hubs;
  if (!first || !second || !off || !one || !two || !three) throw new Error('three hubs expected');
  return { first, second, off, one, two, three };
};

beforeAll(async () => {
  const { one, two, three } = hubs();
  const repository = await one.makeRepository('payments-api');
  const start = ['agent', 'start', '--repo', 'acme/payments-api', '--issue', '412', '--json'];
  await one.hubtab([...start, '--dir', repository]);
  await two.tmux('new-session', '-d', '-s', 'main');
  await three.hubtab(['hub', 'down']);
  await signIn(stage.browser, stage.stack.info);
});

test('the popup lists the hubs of the account, and says which one is offline', async () => {
  const { first, off } = hubs();
  popup = await openPopup(stage.browser);
  await popup.waitForSelector(`[data-hub-id="${first.id}"][data-session="${SESSION}"]`);
  const section = popup.locator(`section[data-hub-id="${off.id}"]`);
  await until(() => section.getAttribute('data-state')).toBe('offline');
  expect(await section.innerText()).toMatch(/Offline, last seen/);
});

test('a click opens a terminal, and a shell in tmux answers what is typed', async () => {
  terminal = await clickSession(stage.browser, popup, hubs().first.id, SESSION);
  await typeLine(terminal, 'echo $((6*7))');
  expect(await whenScreen(terminal, /^42$/)).toBe('42');
  expect(await hubs().one.tmux('capture-pane', '-p', '-t', `=${SESSION}:`)).toMatch(/^42$/m);
});

test('a second click focuses the tab that is open', async () => {
  popup = await openPopup(stage.browser);
  const pages = stage.browser.context.pages().length;
  const row = popup.locator(`[data-session="${SESSION}"]`).first();
  await row.click();
  // The popup closes itself when it has opened something.
  await until(async () => stage.browser.context.pages().length).toBe(pages - 1);
  await until(() => terminal.evaluate(() => document.visibilityState)).toBe('visible');
});

test('characters of many bytes go in and come out whole, however they are cut', async () => {
  const text = 'é日本 👍 ─│┌ ✻';
  await typeLine(terminal, `printf '%s\\n' '${text}'`);
  await whenScreen(terminal, new RegExp(`^${text}$`));
  // One byte at a time, with a flush between: every chunk ends inside a character.
  const bytes = [...new TextEncoder().encode('日本語テスト')].map((b) => b.toString(8));
  const slowly = bytes.map((octal) => `printf '\\\\${octal}'; sleep 0.01`).join('; ');
  await typeLine(terminal, `clear; ${slowly.replaceAll('\\\\', '\\')}; echo`);
  await whenScreen(terminal, /^日本語テスト$/);
});

test('256 colours and true colour reach the screen', async () => {
  await typeLine(terminal, `clear; printf '\\e[38;5;208mA\\e[0m\\e[38;2;1;2;3mB\\e[0m\\n'`);
  await whenScreen(terminal, /^AB$/);
  const colours = await terminal.evaluate(() => {
    type Cell = {
      getChars(): string;
      getFgColor(): number;
      isFgPalette(): boolean;
      isFgRGB(): boolean;
    };
    type Line = { getCell(x: number): Cell | undefined; translateToString(trim: boolean): string };
    type Host = {
      hubtabTerminal?: {
        buffer: { active: { length: number; getLine(y: number): Line | undefined } };
      };
    };
    const host = [...document.querySelectorAll('*')].find(
      (e) => (e as Host).hubtabTerminal,
    ) as Host;
    const buffer = host.hubtabTerminal?.buffer.active;
    const lines = Array.from({ length: buffer?.length ?? 0 }, (_, y) => buffer?.getLine(y));
    const line = lines.find((one) => one?.translateToString(true).trimEnd() === 'AB');
    const [a, b] = [line?.getCell(0), line?.getCell(1)];
    return [a?.isFgPalette(), a?.getFgColor(), b?.isFgRGB(), b?.getFgColor()];
  });
  expect(colours).toEqual([true, 208, true, 0x010203]);
});

test('full-screen programs draw what tmux has on its screen', async () => {
  const { one } = hubs();
  const agreesWithTmux = () =>
    until(async () => {
      const pane = (await one.tmux('capture-pane', '-p', '-t', `=${SESSION}:`)).split('\n');
      const screen = (await screenLines(terminal)).slice(0, -1);
      const trim = (lines: string[]) =>
        lines
          .map((line) => line.trimEnd())
          .join('\n')
          .trimEnd();
      return trim(screen) === trim(pane) ? 'same' : `${trim(screen)}\n--- tmux:\n${trim(pane)}`;
    }).toBe('same');

  await typeLine(terminal, 'clear; seq 1 200 > numbers; vim -u NONE -N numbers');
  await whenScreen(terminal, /^24$/);
  await terminal.keyboard.type('50Gihello ');
  await whenScreen(terminal, /^hello 50$/);
  await agreesWithTmux();
  await terminal.keyboard.press('Escape');
  await typeLine(terminal, ':q!');
  await whenScreen(terminal, /\$ $|\$$/);

  await typeLine(terminal, 'clear; less numbers');
  await whenScreen(terminal, /^numbers$/);
  await terminal.keyboard.press('G');
  await whenScreen(terminal, /^200$/);
  await agreesWithTmux();
  await terminal.keyboard.press('q');

  await typeLine(terminal, 'clear; top -d 60');
  await whenScreen(terminal, /^top - /);
  await agreesWithTmux();
  await terminal.keyboard.press('q');
});

test('resizing the window resizes tmux', async () => {
  const size = () =>
    hubs().one.tmux(
      'display-message',
      '-p',
      '-t',
      `=${SESSION}:`,
      '#{window_width}x#{window_height}',
    );
  const before = await size();
  await terminal.setViewportSize({ width: 900, height: 500 });
  await until(size).not.toBe(before);
  const [cols, rows] = (await size()).split('x').map(Number);
  // tmux keeps one line for its status.
  await until(async () => (await screenLines(terminal)).length).toBe((rows ?? 0) + 1);
  await typeLine(terminal, 'clear; stty size');
  await whenScreen(terminal, new RegExp(`^${rows} ${cols}$`));
  await terminal.setViewportSize({ width: 1280, height: 720 });
  await until(size).toBe(before);
});

test('two terminals on one hub and its watch share one SSH connection', async () => {
  const { first, one } = hubs();
  await one.tmux('new-session', '-d', '-s', 'second');
  const page = await openTerminal(stage.browser, first.id, 'second');
  await whenOpen(page);
  const clients = async () => (await one.tmux('list-clients', '-F', '#{client_pid}')).split('\n');
  await until(async () => (await clients()).length).toBe(3);
  const pids = await clients();
  const connections = await Promise.all(
    pids.map((pid) =>
      one.mustExec(['sh', '-c', `tr '\\0' '\\n' < /proc/${pid}/environ | grep ^SSH_CLIENT=`]),
    ),
  );
  expect(new Set(connections).size).toBe(1);
  await page.close();
});

test('ten terminals over two hubs work at once', async () => {
  const { first, second, one, two } = hubs();
  const wanted = Array.from({ length: 10 }, (_, i) => ({
    info: i % 2 ? first : second,
    hub: i % 2 ? one : two,
    session: `ten-${i}`,
  }));
  for (const { hub, session } of wanted) await hub.tmux('new-session', '-d', '-s', session);
  const pages = await Promise.all(
    wanted.map(({ info, session }) => openTerminal(stage.browser, info.id, session)),
  );
  await Promise.all(pages.map((page) => whenOpen(page)));
  for (const [i, page] of pages.entries()) {
    await page.bringToFront();
    await typeLine(page, `echo ten-$((${i}+100))`);
  }
  const answers = await Promise.all(pages.map((page) => whenScreen(page, /^ten-1\d\d$/)));
  expect(answers).toEqual(pages.map((_, i) => `ten-${100 + i}`));
  await Promise.all(pages.map((page) => page.close()));
});
