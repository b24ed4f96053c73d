import type { Page } from 'playwright-core';
import type { ExtensionBrowser } from './chromium.ts';
import type { StackInfo } from './stack/start.ts';

/** What a person does with the extension, for the demo and the tests. */

/** A page of any browser's driver, in which a function runs. */
interface RunsFunctions {
  evaluate<T>(run: () => T | Promise<T>): Promise<T>;
}

/** Size of the popup as the browser shows it. */
const POPUP = { width: 400, height: 600 };

/** The host element of the terminal, with the emulator on it. */
interface TerminalHost extends Element {
  hubtabTerminal?: {
    cols: number;
    rows: number;
    buffer: {
      active: {
        baseY: number;
        length: number;
        getLine(y: number): { translateToString(trim: boolean): string } | undefined;
      };
    };
  };
}

/** A one-use pairing code, as the server's command line makes it. */
export async function pairingCode(info: StackInfo, account = 0): Promise<string> {
  const response = await fetch(new URL('/v1/pairing-codes', info.serverUrl), {
    method: 'POST',
    headers: { Authorization: `Bearer ${info.accounts[account]?.accessToken}` },
  });
  if (!response.ok) throw new Error(`pairing code: ${response.status} ${await response.text()}`);
  const { code } = (await response.json()) as { code: string };
  return code;
}

/** Names the server and signs in on the options page, by typing. Returns the page. */
export async function signIn(
  browser: ExtensionBrowser,
  info: StackInfo,
  account = 0,
): Promise<Page> {
  return signInWithCode(browser, info.serverUrl, await pairingCode(info, account));
}

/** As {@link signIn}, with a pairing code that is there already. */
export async function signInWithCode(
  browser: ExtensionBrowser,
  serverUrl: string,
  code: string,
): Promise<Page> {
  const page = await browser.open('options.html');
  // The server's name is asked for only once.
  await page.waitForSelector('input[name="server"], form[data-state="sign-in"]');
  if (await page.isVisible('input[name="server"]')) {
    await page.fill('input[name="server"]', serverUrl);
    await page.press('input[name="server"]', 'Enter');
  }
  await page.click('form[data-state="sign-in"] button:has-text("Use a code")');
  await page.fill('input[name="code"]', code);
  await page.press('input[name="code"]', 'Enter');
  await page.waitForFunction(() => !document.querySelector('input[name="code"]'));
  return page;
}

/** The popup, in a tab of the popup's size: a headless browser shows no popups. */
export function openPopup(browser: ExtensionBrowser): Promise<Page> {
  return browser.open('popup.html', POPUP);
}

/** Clicks a session in the popup and waits for the terminal tab that it opens. */
export async function clickSession(
  browser: ExtensionBrowser,
  popup: Page,
  hubId: string,
  session: string,
): Promise<Page> {
  const row = popup.locator(`[data-hub-id="${hubId}"][data-session="${session}"]`).first();
  await row.waitFor({ timeout: 60_000 });
  const opened = browser.context.waitForEvent('page', { timeout: 30_000 });
  await row.click();
  const page = await opened;
  await whenOpen(page);
  return page;
}

/** Opens a terminal page by its address. */
export function openTerminal(
  browser: ExtensionBrowser,
  hubId: string,
  session: string,
): Promise<Page> {
  return browser.open(`terminal.html#${hubId}/${encodeURIComponent(session)}`);
}

/** Waits until the page's terminal is connected. */
export async function whenOpen(page: Page, timeoutMs = 60_000): Promise<void> {
  await whenTerminal(page, 'open', timeoutMs);
}

/** Waits until the page's terminal is in a state. @throws Error with the state it stayed in */
export async function whenTerminal(page: Page, kind: string, timeoutMs = 60_000): Promise<void> {
  try {
    await page.waitForFunction(
      (wanted) => document.documentElement.dataset['terminal'] === wanted,
      kind,
      { timeout: timeoutMs },
    );
  } catch (cause) {
    const state = await page.evaluate(() => document.documentElement.dataset['terminal']);
    const text = await page.evaluate(() => document.body.innerText.slice(0, 500));
    throw new Error(`terminal is ${state}, not ${kind}: ${text}`, { cause });
  }
}

/** The lines on the screen, without what has scrolled off. */
export function screenLines(page: RunsFunctions): Promise<string[]> {
  return page.evaluate(() => {
    const host = [...document.querySelectorAll('*')].find(
      (element) => (element as TerminalHost).hubtabTerminal,
    ) as TerminalHost | undefined;
    const terminal = host?.hubtabTerminal;
    if (!terminal) return [];
    const { active } = terminal.buffer;
    return Array.from(
      { length: terminal.rows },
      (_, row) =>
        active
          .getLine(active.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? '',
    );
  });
}

/** Waits until some line of the screen matches. @throws Error with the screen as it was */
export async function whenScreen(
  page: RunsFunctions,
  pattern: RegExp,
  timeoutMs = 30_000,
): Promise<string> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const lines = await screenLines(page);
    const line = lines.find((text) => pattern.test(text));
    if (line !== undefined) return line;
    if (Date.now() > endMs)
      throw new Error(`no line matches ${pattern} on this screen:\n${lines.join('\n')}`);
    // Between two frames: the screen changes no oftener.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 16)));
  }
}

/** Types a line into the terminal and presses Enter. */
export async function typeLine(page: Page, text: string): Promise<void> {
  await page.locator('.xterm-helper-textarea').focus();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}
