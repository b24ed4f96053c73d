import { beforeAll, expect, test } from 'vitest';
import { openPopup, openTerminal, signIn, whenOpen } from '../../scripts/driver.ts';
import { stopServiceWorker } from '../../scripts/recovery/browser-faults.ts';
import type { StackHub } from '../../scripts/stack/hub.ts';
import { until, useStage } from './stage.ts';

/** Three hubs are watched; no page of the extension is open and no popup, but where a test says so. */
const stage = useStage({ accounts: 1, hubs: 3 });

const hub = (index: number): StackHub => {
  const found = stage.stack.hubs[index];
  if (!found) throw new Error('three hubs expected');
  return found;
};
const hubId = (index: number): string => stage.stack.info.accounts[0]?.hubs[index]?.id ?? '';
const keyOf = (index: number, session: string) => `${hubId(index)}/${session}`;

const badge = async () => {
  const worker = await stage.browser.serviceWorker();
  return worker.evaluate(() => chrome.action.getBadgeText({}));
};
const notices = async () => {
  const worker = await stage.browser.serviceWorker();
  return worker.evaluate(async () => Object.keys(await chrome.notifications.getAll()));
};

/** What an agent's hook does when the agent asks something. */
async function say(index: number, session: string, state: string, question = ''): Promise<void> {
  const target = `=${session}:`;
  const set = (name: string, value: string) =>
    hub(index).tmux('set-option', '-p', '-t', target, name, value);
  await set('@agent_since', String(Date.now()));
  await set('@agent_question', question);
  await set('@agent_state', state);
}

/** Until every hub is watched: read from what the pages are told. */
const watched = async () => {
  const worker = await stage.browser.serviceWorker();
  return worker.evaluate(async () => {
    const { state } = await chrome.storage.session.get<{
      state?: { hubs: { isWatched?: boolean; sessionsAtMs?: number }[] };
    }>('state');
    return state?.hubs.filter((view) => view.isWatched && view.sessionsAtMs).length;
  });
};

beforeAll(async () => {
  for (const [index, name] of ['alpha', 'beta', 'gamma'].entries())
    await hub(index).tmux('new-session', '-d', '-s', name);
  const page = await signIn(stage.browser, stage.stack.info);
  await page.goto('about:blank');
  for (const other of stage.browser.context.pages())
    if (other !== page) await other.goto('about:blank');
});

test('an agent that waits is on the badge and in a notification, on each of three hubs', async () => {
  await until(watched).toBe(3);
  for (const [index, name] of ['alpha', 'beta', 'gamma'].entries()) {
    const startMs = performance.now();
    await say(index, name, 'waiting', 'Run the migration?');
    await until(badge).toBe(String(index + 1));
    const badgeMs = Math.round(performance.now() - startMs);
    await until(notices).toContain(keyOf(index, name));
    console.log(`${name}: on the badge after ${badgeMs} ms`);
  }
});

test('one that works again leaves the badge, and its notification goes', async () => {
  await say(0, 'alpha', 'working');
  await until(badge).toBe('2');
  await until(notices).not.toContain(keyOf(0, 'alpha'));
});

test('a stopped service worker is woken by it', async () => {
  await stopServiceWorker(stage.browser);
  await say(0, 'alpha', 'waiting');
  await until(badge).toBe('3');
});

test('a bell in a session that nobody looks at counts', async () => {
  await hub(0).tmux('new-session', '-d', '-s', 'ring', `printf '\\a'; exec cat`);
  await until(badge).toBe('4');
  await hub(0).tmux('kill-session', '-t', '=ring');
  await until(badge).toBe('3');
});

test('a click on a notification opens the terminal, and then focuses it', async () => {
  const click = async () => {
    const worker = await stage.browser.serviceWorker();
    await worker.evaluate(
      (id) => {
        const event = chrome.notifications.onClicked as unknown as { dispatch(id: string): void };
        event.dispatch(id);
      },
      keyOf(1, 'beta'),
    );
  };
  const opened = stage.browser.context.waitForEvent('page');
  await click();
  const terminal = await opened;
  await whenOpen(terminal);
  expect(terminal.url()).toContain(`#${keyOf(1, 'beta')}`);
  const pages = stage.browser.context.pages().length;
  await stage.browser.open('terminal.html#nonsense');
  await click();
  await until(() => terminal.evaluate(() => document.visibilityState)).toBe('visible');
  expect(stage.browser.context.pages()).toHaveLength(pages + 1);
  await terminal.close();
});

test('the browser’s own key goes to the agent that has waited longest, then to the next', async () => {
  const press = async () => {
    const worker = await stage.browser.serviceWorker();
    await worker.evaluate(() => {
      const event = chrome.commands.onCommand as unknown as { dispatch(command: string): void };
      event.dispatch('next-waiting');
    });
  };
  for (const [index, name] of [
    [1, 'beta'],
    [2, 'gamma'],
  ] as const) {
    const opened = stage.browser.context.waitForEvent('page');
    await press();
    const terminal = await opened;
    await whenOpen(terminal);
    expect(terminal.url()).toContain(`#${keyOf(index, name)}`);
  }
  for (const page of stage.browser.context.pages())
    if (page.url().includes('/terminal.html#')) await page.close();
});

test('the session one looks at is counted, but not notified', async () => {
  await say(2, 'gamma', 'working');
  await until(badge).toBe('2');
  const terminal = await openTerminal(stage.browser, hubId(2), 'gamma');
  await whenOpen(terminal);
  await terminal.bringToFront();
  await say(2, 'gamma', 'waiting', 'Again?');
  await until(badge).toBe('3');
  expect(await notices()).not.toContain(keyOf(2, 'gamma'));
  await terminal.close();
});

test('the popup follows without asking', async () => {
  const popup = await openPopup(stage.browser);
  const row = popup.locator(`[data-hub-id="${hubId(2)}"][data-session="gamma"]`).first();
  await until(() => row.getAttribute('data-state')).toBe('waiting');
  await say(2, 'gamma', 'done');
  await until(() => row.getAttribute('data-state')).toBe('done');
  await hub(2).tmux('new-session', '-d', '-s', 'later');
  await popup.locator(`[data-hub-id="${hubId(2)}"][data-session="later"]`).waitFor();
  await popup.close();
});

test('a hub whose tmux was ended and started again is watched again', async () => {
  await hub(1).tmux('kill-server');
  await until(badge).toBe('1');
  await hub(1).hubtab(['hub', 'up']);
  await hub(1).tmux('new-session', '-d', '-s', 'beta');
  await until(watched, 60_000).toBe(3);
  await say(1, 'beta', 'waiting');
  await until(badge).toBe('2');
});
