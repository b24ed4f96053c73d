import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  openPopup,
  openTerminal,
  screenLines,
  signIn,
  typeLine,
  whenOpen,
  whenScreen,
} from '../../scripts/driver.ts';
import { look } from '../e2e/looks.ts';
import { firstHub, until, useStage } from '../e2e/stage.ts';

/** Every page and what lies over it: pictures in light and dark, axe, keys alone, twice the size. And habits of the hand. */
const stage = useStage({ accounts: 2, hubs: 1 });
const AGENT = 'agent-acme-payments-api-412';
/** What a window of 1280 by 720 px has at a zoom of 200 %. */
const ZOOMED = { width: 640, height: 360 };
const USUAL = { width: 1280, height: 720 };
let terminal: Page;

const main = () => firstHub(stage);
const clipboard = () => terminal.evaluate(() => navigator.clipboard.readText());
const set = (settings: object) =>
  terminal.evaluate((choices) => chrome.storage.sync.set(choices), settings);

/** How much of a page lies beside the screen, CSS px. */
const overflow = (page: Page) =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });

/** The controls that Tab does not reach, each with its beginning. */
async function unreachable(page: Page): Promise<string[]> {
  const controls = 'a[href], button, input, select, summary, [tabindex="0"]';
  const count = await page.evaluate((selector) => {
    (document.activeElement as HTMLElement | null)?.blur();
    return document.querySelectorAll(selector).length;
  }, controls);
  for (let i = 0; i < count + 2; i += 1) {
    await page.keyboard.press('Tab');
    await page.evaluate(() => document.activeElement?.setAttribute('data-reached', ''));
  }
  return page.evaluate((selector) => {
    const isMeant = (element: HTMLElement) =>
      element.checkVisibility() &&
      element.tabIndex >= 0 &&
      !element.matches(':disabled') &&
      // Of several radio buttons Tab reaches the chosen one, arrows the others.
      !(element instanceof HTMLInputElement && element.type === 'radio' && !element.checked);
    return [...document.querySelectorAll<HTMLElement>(selector)]
      .filter((element) => isMeant(element) && !element.hasAttribute('data-reached'))
      .map((element) => element.outerHTML.slice(0, 120));
  }, controls);
}

async function placeOf(text: string): Promise<{ x: number; y: number; cell: number }> {
  const lines = await screenLines(terminal);
  const row = lines.findIndex((line) => line.includes(text));
  const column = (lines[row] ?? '').indexOf(text);
  return terminal.evaluate(
    ([row, column]) => {
      const host = document.querySelector('.screen-host') as Element & {
        hubtabTerminal: { cols: number; rows: number };
      };
      const { cols, rows } = host.hubtabTerminal;
      const box = document.querySelector('.xterm-screen')?.getBoundingClientRect();
      if (!box) throw new Error('no screen');
      const cell = box.width / cols;
      return { x: box.x + cell * column, y: box.y + (box.height / rows) * (row + 0.5), cell };
    },
    [row, column] as const,
  );
}

/** Draws the mouse over a word, with a key held if one is named. */
async function select(word: string, held?: string): Promise<void> {
  const { x, y, cell } = await placeOf(word);
  if (held) await terminal.keyboard.down(held);
  await terminal.mouse.move(x + 1, y);
  await terminal.mouse.down();
  await terminal.mouse.move(x + cell * word.length - 1, y, { steps: 4 });
  await terminal.mouse.up();
  if (held) await terminal.keyboard.up(held);
}

beforeAll(async () => {
  const { hub, id } = main();
  const repository = await hub.makeRepository('payments-api');
  const start = ['agent', 'start', '--repo', 'acme/payments-api', '--issue', '412', '--json'];
  await hub.hubtab([...start, '--dir', repository]);
  await hub.tmux('new-session', '-d', '-s', 'main', '-c', hub.home);
  await (await signIn(stage.browser, stage.stack.info)).close();
  await stage.browser.context.grantPermissions(['clipboard-read']);
  terminal = await openTerminal(stage.browser, id, AGENT);
  await terminal.setViewportSize(USUAL);
  await whenOpen(terminal);
});
beforeEach(() => terminal.bringToFront());

describe('the terminal', () => {
  test('with a program in it', async () => {
    await typeLine(
      terminal,
      `clear; printf '\\e[3%dm colour %d \\e[0m' 1 1 2 2 3 3 4 4; echo; git --no-pager log`,
    );
    await whenScreen(terminal, /colour 4/);
    expect(await look(terminal, 'terminal')).toEqual([]);
  });

  test.each([
    ['palette', 'Control+Shift+P', '.palette'],
    ['find', 'Control+Shift+F', '.find-bar'],
    ['download', 'Control+Shift+S', '#download-path'],
  ])('under its %s', async (name, keys, selector) => {
    await terminal.locator('.xterm-helper-textarea').focus();
    await terminal.keyboard.press(keys);
    await terminal.locator(selector).waitFor();
    expect(await look(terminal, `terminal-${name}`)).toEqual([]);
    await terminal.setViewportSize(ZOOMED);
    expect(await overflow(terminal)).toBeLessThanOrEqual(0);
    await terminal.setViewportSize(USUAL);
    if (await terminal.locator(selector).isVisible()) await terminal.keyboard.press('Escape');
    await until(() => terminal.locator(selector).count()).toBe(0);
    // There and back within a moment: what did not fit is drawn again.
    await until(async () => (await screenLines(terminal)).at(-1)).toMatch(/^\[agent-acme/);
  });

  test('under the question before a paste', async () => {
    await typeLine(terminal, 'clear; cat > /dev/null');
    await until(() =>
      main().hub.tmux('display-message', '-p', '-t', `=${AGENT}:`, '#{pane_current_command}'),
    ).toBe('cat');
    await terminal.evaluate(() => navigator.clipboard.writeText('rm -r build\nnpm ci\n'));
    await terminal.locator('.xterm-helper-textarea').focus();
    await terminal.keyboard.press('Control+Shift+V');
    await terminal.locator('[role="alertdialog"]').waitFor();
    expect(await look(terminal, 'terminal-paste')).toEqual([]);
    await terminal.keyboard.press('Escape');
    await terminal.locator('.xterm-helper-textarea').focus();
    await terminal.keyboard.press('Control+d');
  });

  test('at twice the size', async () => {
    await terminal.setViewportSize(ZOOMED);
    expect(await overflow(terminal)).toBeLessThanOrEqual(0);
    await typeLine(terminal, 'clear; echo small-$((1+1))');
    await whenScreen(terminal, /^small-2$/);
    expect(await look(terminal, 'terminal-zoomed')).toEqual([]);
    await terminal.setViewportSize(USUAL);
  });

  test('while it connects, and under a link that is not complete', async () => {
    const broken = await stage.browser.open('terminal.html#nonsense');
    await broken.locator('[data-fault="bad-address"]').waitFor();
    expect(await look(broken, 'terminal-bad-address')).toEqual([]);
    expect(await unreachable(broken)).toEqual([]);
    await broken.close();
    const gone = await openTerminal(stage.browser, main().id, 'nothing');
    await gone.locator('[data-fault="session-gone"]').waitFor({ timeout: 60_000 });
    expect(await look(gone, 'terminal-session-gone')).toEqual([]);
    await gone.close();
  });

  test('after its session ended', async () => {
    await main().hub.tmux('new-session', '-d', '-s', 'short');
    const page = await openTerminal(stage.browser, main().id, 'short');
    await whenOpen(page);
    await typeLine(page, 'exit');
    await page.locator('[data-state="ended"]').waitFor({ timeout: 60_000 });
    expect(await look(page, 'terminal-ended')).toEqual([]);
    await page.close();
  });
});

describe('other pages', () => {
  test('history', async () => {
    await typeLine(
      terminal,
      `clear; for i in $(seq 200); do printf '\\e[32mline\\e[0m %d\\n' $i; done`,
    );
    await whenScreen(terminal, /^line 200$/);
    const opening = stage.browser.context.waitForEvent('page');
    await terminal.keyboard.press('Control+Shift+H');
    const history = await opening;
    await history.waitForSelector('[data-state="ready"]');
    await history.setViewportSize(USUAL);
    await history.fill('.find input', 'line 12');
    await until(() => history.locator('.find .num').innerText()).toMatch(/of 11$/);
    expect(await look(history, 'history')).toEqual([]);
    await history.fill('.find input', 'nowhere');
    await history.getByText('“nowhere” is not in these').waitFor();
    expect(await look(history, 'history-none')).toEqual([]);
    await history.fill('.find input', '');
    await history.setViewportSize(ZOOMED);
    expect(await overflow(history)).toBeLessThanOrEqual(0);
    expect(await look(history, 'history-zoomed')).toEqual([]);
    await history.setViewportSize(USUAL);
    // Each line's number is a link: Tab would go through all of them, the keys of the page do not.
    await history.evaluate(() => document.querySelector('.lines')?.replaceChildren());
    expect(await unreachable(history)).toEqual([]);
    await history.close();
  });

  test('the popup says with whom a hub is shared, and the other’s whose it is', async () => {
    const { serverUrl, accounts } = stage.stack.info;
    const [owner, guest] = accounts;
    const call = async (token: string | undefined, address: string, body: object) => {
      const response = await fetch(new URL(address, serverUrl), {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${address}: ${response.status} ${await response.text()}`);
      return (await response.json()) as { id: string };
    };
    const { id } = await call(owner?.accessToken, `/v1/hubs/${main().id}/shares`, {
      email: guest?.email,
    });
    const popup = await openPopup(stage.browser);
    const shared = popup.locator(`section[data-hub-id="${main().id}"] .shared`);
    await until(() => shared.innerText()).toBe(`offered to ${guest?.email}`);
    await call(guest?.accessToken, `/v1/shares/${id}/accept`, {});
    await popup.reload();
    await until(() => shared.innerText(), 60_000).toBe(`shared with ${guest?.email}`);
    expect(await look(popup, 'popup-shared')).toEqual([]);
    await popup.close();
  });

  test('options and popup, by keys alone', async () => {
    const options = await stage.browser.open('options.html', { width: 1000, height: 900 });
    await options.waitForSelector('#hubs .hub');
    expect(await unreachable(options)).toEqual([]);
    await options.setViewportSize(ZOOMED);
    expect(await overflow(options)).toBeLessThanOrEqual(0);
    await options.close();
    const popup = await openPopup(stage.browser);
    await popup.locator(`[data-session="${AGENT}"]`).first().waitFor();
    expect(await unreachable(popup)).toEqual([]);
    await popup.close();
  });
});

describe('habits of the hand', () => {
  test('what is selected is copied at once, where a person wants that', async () => {
    await set({ 'set.copyOnSelect': true });
    await typeLine(terminal, 'clear; echo some selected-word here');
    await whenScreen(terminal, /^some selected-word here$/);
    await select('selected-word');
    await until(clipboard).toBe('selected-word');
    await set({ 'set.copyOnSelect': false });
    await select('here');
    expect(await clipboard()).toBe('selected-word');
  });

  test('with Shift the mouse selects also where a program has it', async () => {
    await typeLine(terminal, `clear; printf '\\e[?1000h'; echo take shifted-word now`);
    await whenScreen(terminal, /^take shifted-word now$/);
    await main().hub.tmux('set-option', '-g', 'mouse', 'on');
    await until(() =>
      terminal.evaluate(() => {
        const host = document.querySelector('.screen-host') as Element & {
          hubtabTerminal: { modes: { mouseTrackingMode: string } };
        };
        return host.hubtabTerminal.modes.mouseTrackingMode;
      }),
    ).not.toBe('none');
    await select('shifted-word', 'Shift');
    await terminal.keyboard.press('Control+Shift+C');
    await until(clipboard).toBe('shifted-word');
    await main().hub.tmux('set-option', '-gu', 'mouse');
    await typeLine(terminal, `printf '\\e[?1000l'; clear`);
  });

  test('a screen reader hears the screen, where a person wants that', async () => {
    await set({ 'set.screenReader': true });
    const rows = terminal.locator('.xterm-accessibility');
    await rows.waitFor({ state: 'attached' });
    await typeLine(terminal, 'clear; echo heard-$((1+1))');
    await until(() => rows.innerText()).toMatch(/heard-2/);
    expect(await rows.locator('[aria-live="assertive"]').count()).toBe(1);
    expect(await look(terminal, 'terminal-screen-reader')).toEqual([]);
    await set({ 'set.screenReader': false });
    await rows.waitFor({ state: 'detached' });
  });
});

describe('tabs that went away', () => {
  test('a discarded tab comes back to its session', async () => {
    const page = await openTerminal(stage.browser, main().id, 'main');
    await whenOpen(page);
    await typeLine(page, 'clear; echo kept-$((1+1))');
    await whenScreen(page, /^kept-2$/);
    await terminal.bringToFront();
    const tabId = await terminal.evaluate(async () => {
      const tabs = await chrome.tabs.query({});
      const tab = tabs.find(({ url }) => url?.endsWith('/main'));
      return (await chrome.tabs.discard(tab?.id))?.id;
    });
    expect(tabId).toBeDefined();
    const isOpen = async () =>
      (
        await Promise.all(
          stage.browser.context
            .pages()
            .filter((one) => one.url().endsWith('/main'))
            .map((one) => screenLines(one).catch(() => [])),
        )
      )
        .flat()
        .includes('kept-2');
    await terminal.evaluate((id) => chrome.tabs.update(id as number, { active: true }), tabId);
    await until(isOpen, 60_000).toBe(true);
  });

  test('a restarted browser that restores its tabs has each on its session', async () => {
    const addresses = () =>
      stage.browser.context
        .pages()
        .map((page) => /terminal\.html#[^/]+\/(.*)$/.exec(page.url())?.[1])
        .filter(Boolean)
        .sort();
    expect(addresses()).toEqual([AGENT, 'main']);
    await stage.restartBrowser(['--restore-last-session']);
    await until(async () => addresses(), 60_000).toEqual([AGENT, 'main']);
    for (const page of stage.browser.context.pages().filter((one) => one.url().includes('#'))) {
      await page.bringToFront();
      await whenOpen(page, 120_000);
    }
    const back = stage.browser.context.pages().find((page) => page.url().endsWith('/main'));
    if (!back) throw new Error('no page');
    await whenScreen(back, /^kept-2$/);
  });
});
