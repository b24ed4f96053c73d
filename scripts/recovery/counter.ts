import type { Page } from 'playwright-core';
import { poll } from '../bench/within.ts';
import type { ExtensionBrowser } from '../chromium.ts';
import { openTerminal, screenLines, typeLine, whenOpen, whenScreen } from '../driver.ts';
import type { StackHub } from '../stack/hub.ts';

/** How a terminal fared while it was watched. */
export interface Watched {
  /** The longest time in which no new number showed. */
  pauseMs: number;
  /** States it was in, other than open. */
  states: string[];
}

/** A terminal whose session prints `n1`, `n2`, … ten times a second: a fault shows as time or numbers that are missing. */
export class Counter {
  readonly terminal: Page;
  readonly #hub: StackHub;
  readonly #session: string;

  private constructor(terminal: Page, hub: StackHub, session: string) {
    this.terminal = terminal;
    this.#hub = hub;
    this.#session = session;
  }

  /** Makes the session on the hub, opens it in a tab, and starts to count in it. */
  static async start(
    browser: ExtensionBrowser,
    { id, hub }: { id: string; hub: StackHub },
    session: string,
  ): Promise<Counter> {
    await hub.tmux('new-session', '-d', '-s', session);
    await hub.tmux('set-option', '-g', 'history-limit', '50000');
    const terminal = await openTerminal(browser, id, session);
    await whenOpen(terminal);
    const counter = new Counter(terminal, hub, session);
    await counter.count();
    return counter;
  }

  /** Counts from 1 in a new window of the session, which has room for every number. */
  async count(): Promise<void> {
    await this.#hub.tmux('new-window', '-k', '-t', `=${this.#session}:0`);
    await typeLine(this.terminal, 'clear; i=0; while sleep 0.1; do i=$((i+1)); echo n$i; done');
    await whenScreen(this.terminal, /^n5$/);
  }

  /** Every number that was printed, from tmux's history and screen. */
  async printed(): Promise<number[]> {
    const target = `=${this.#session}:`;
    const text = await this.#hub.tmux('capture-pane', '-p', '-S', '-', '-t', target);
    return [...text.matchAll(/^n(\d+)$/gm)].map(([, number]) => Number(number));
  }

  /** The greatest number on the screen of the tab. */
  async shown(): Promise<number> {
    const lines = await screenLines(this.terminal);
    return Math.max(0, ...lines.map((line) => Number(/^n(\d+)$/.exec(line)?.[1] ?? 0)));
  }

  /**
   * Waits until the tab shows a number that is printed after now.
   * @param limitMs generous: whether a goal was met is read from the figures
   * @returns ms since `startMs`
   * @throws Error when it does not, or when a number is missing in tmux
   */
  async goesOn(startMs: number, limitMs: number): Promise<number> {
    const mark = (await this.printed()).at(-1) ?? 0;
    const isPast = async () => (await this.shown()) > mark || undefined;
    await poll(limitMs, `the tab shows a number above ${mark}`, isPast, 50);
    const tookMs = Date.now() - startMs;
    const numbers = await this.printed();
    const isWhole = numbers.every((number, i) => number === (numbers[0] ?? 0) + i);
    if (!isWhole) throw new Error(`tmux has gaps: ${numbers.join(' ')}`);
    return tookMs;
  }

  /** Watches the tab from inside, where no driver's delay counts, until the work is done. */
  async watch(work: () => Promise<void>): Promise<Watched> {
    await this.terminal.evaluate(() => {
      const { dataset } = document.documentElement;
      const watched = { pauseMs: 0, states: [] as string[] };
      let changedAtMs = performance.now();
      const rows = new MutationObserver(() => {
        changedAtMs = performance.now();
      });
      rows.observe(document.querySelector('.xterm-rows') ?? document, {
        subtree: true,
        childList: true,
        characterData: true,
      });
      const timer = setInterval(() => {
        watched.pauseMs = Math.max(watched.pauseMs, performance.now() - changedAtMs);
        const state = dataset['terminal'] ?? '';
        if (state !== 'open' && !watched.states.includes(state)) watched.states.push(state);
      }, 50);
      (globalThis as WatchingPage).hubtabWatched = () => {
        rows.disconnect();
        clearInterval(timer);
        return watched;
      };
    });
    await work();
    return this.terminal.evaluate(() => {
      const { hubtabWatched } = globalThis as WatchingPage;
      if (!hubtabWatched) throw new Error('invariant: the page was not watched');
      return hubtabWatched();
    });
  }
}

type WatchingPage = typeof globalThis & { hubtabWatched?: () => Watched };
