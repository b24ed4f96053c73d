import { launchBrowser } from '../chromium.ts';
import { clickSession, openPopup, openTerminal, signIn, whenOpen } from '../driver.ts';
import type { Stack } from '../stack/start.ts';
import type { Samples } from './figures.ts';

const CLICKS = 7;
const SESSION = 'bench';

interface ClickClock {
  /** When this page's terminal became open, ms since 1970 with fractions. */
  hubtabBenchMs?: number;
}

/** Notes the time inside the terminal page: a driver that asks would see it late. */
function noteOpen(): void {
  const page = globalThis as ClickClock;
  new MutationObserver(() => {
    if (document.documentElement.dataset['terminal'] === 'open')
      page.hubtabBenchMs ??= performance.timeOrigin + performance.now();
  }).observe(document, {
    subtree: true,
    attributes: true,
    attributeFilter: ['data-terminal'],
  });
}

/** From the click in the popup until tmux has drawn into the new tab, in the extension as people have it. */
export async function measureClicks(
  product: string,
  stack: Stack,
  samples: Samples,
): Promise<void> {
  const hubId = stack.info.accounts[0]?.hubs[0]?.id ?? '';
  await stack.hubs[0]?.tmux('new-session', '-d', '-s', SESSION);
  const browser = await launchBrowser({ extension: product });
  try {
    await browser.context.addInitScript(noteOpen);
    await (await signIn(browser, stack.info)).close();
    // The hub is warm from here on: its unit is joined and its SSH connection is open.
    const warm = await openTerminal(browser, hubId, SESSION);
    await whenOpen(warm);
    await warm.close();
    for (let click = 0; click < CLICKS; click += 1) {
      const popup = await openPopup(browser);
      // The popup may close itself when it is clicked, so the time is handed out at once.
      const clicked = Promise.withResolvers<number>();
      await popup.exposeFunction('hubtabBenchClicked', (ms: number) => clicked.resolve(ms));
      await popup.evaluate(() => {
        addEventListener(
          'click',
          () => {
            const { hubtabBenchClicked } = globalThis as unknown as {
              hubtabBenchClicked(ms: number): void;
            };
            hubtabBenchClicked(performance.timeOrigin + performance.now());
          },
          { capture: true, once: true },
        );
      });
      const terminal = await clickSession(browser, popup, hubId, SESSION);
      const openedMs = await terminal.evaluate(() => (globalThis as ClickClock).hubtabBenchMs);
      if (openedMs === undefined) throw new Error('the terminal page noted no time');
      samples.add('click', 'ours', openedMs - (await clicked.promise));
      await terminal.close();
      await popup.close();
    }
  } finally {
    await browser.close();
  }
}
