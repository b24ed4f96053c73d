import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  clickSession,
  openPopup,
  openTerminal,
  pairingCode,
  screenLines,
  typeLine,
  whenOpen,
  whenScreen,
} from '../../scripts/driver.ts';
import { stopServiceWorker } from '../../scripts/recovery/browser-faults.ts';
import { look } from '../e2e/looks.ts';
import { browserNodes, terminalClients, until, useStage } from '../e2e/stage.ts';

/** What a person goes through from a fresh browser to several agents, in order; one case for each line. */
const stage = useStage({ accounts: 1, hubs: 1 });
type AddedHub = Awaited<ReturnType<typeof stage.stack.addHub>>;
const SESSION = 'agent-acme-payments-api-412';
let options: Page;
let popup: Page;
let terminal: Page;
let second: AddedHub;

const first = () => {
  const [hub] = stage.stack.hubs;
  const [info] = stage.stack.info.accounts[0]?.hubs ?? [];
  if (!hub || !info) throw new Error('a hub expected');
  return { ...info, hub };
};
const badge = async () => {
  const worker = await stage.browser.serviceWorker();
  return worker.evaluate(() => chrome.action.getBadgeText({}));
};
const typed = async (name: string, text: string) => {
  await options.waitForSelector(`input[name="${name}"]`);
  await options.fill(`input[name="${name}"]`, text);
  await options.press(`input[name="${name}"]`, 'Enter');
};

describe('the extension', () => {
  test('installs, and leads to its first run', async () => {
    options = await stage.browser.open('options.html', { width: 900, height: 700 });
    await options.waitForSelector('main.setup[data-step="server"]');
    expect(await look(options, 'first-run-1-server')).toEqual([]);
  });

  test('its popup says how to begin', async () => {
    popup = await openPopup(stage.browser);
    await popup.waitForSelector('[data-state="not-configured"]');
    expect(await look(popup, 'popup-not-configured')).toEqual([]);
    await popup.close();
  });

  test('takes the address of the server', async () => {
    await typed('server', stage.stack.info.serverUrl);
    await options.waitForSelector('main.setup[data-step="sign-in"]');
    expect(await look(options, 'first-run-2-sign-in')).toEqual([]);
  });

  test('says on the badge that nobody is signed in', async () => {
    await until(badge).toBe('?');
    popup = await openPopup(stage.browser);
    await popup.waitForSelector('[data-state="signed-out"]');
    expect(await look(popup, 'popup-signed-out')).toEqual([]);
    await popup.close();
  });

  test('signs in', async () => {
    // The account’s hub is away, as if it had none: the third step is seen.
    const removed = await fetch(new URL(`/v1/hubs/${first().id}`, stage.stack.info.serverUrl), {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${stage.stack.info.accounts[0]?.accessToken}` },
    });
    expect(removed.status).toBe(204);
    await options.click('form[data-state="sign-in"] button:has-text("Use a code")');
    await typed('code', await pairingCode(stage.stack.info));
    await options.waitForSelector('main.setup[data-step="hub"] .copy-line code');
    expect(await look(options, 'first-run-3-hub')).toEqual([]);
  });

  test('its popup shows the join line too', async () => {
    popup = await openPopup(stage.browser);
    await popup.waitForSelector('[data-state="no-hubs"] .copy-line code');
    expect(await look(popup, 'popup-no-hubs')).toEqual([]);
    await popup.close();
  });

  test('notices by itself that a hub arrives', async () => {
    second = await stage.stack.addHub(0, 'build-01');
    await options.waitForSelector('main.setup[data-step="ready"]', { timeout: 60_000 });
    expect(await options.innerText('main.setup')).toContain('build-01');
    expect(await look(options, 'first-run-4-ready')).toEqual([]);
  });

  test('opens a first terminal on it', async () => {
    const opened = stage.browser.context.waitForEvent('page', { timeout: 60_000 });
    await options.getByRole('button', { name: /^Open a terminal on build-01/ }).click();
    terminal = await opened;
    await whenOpen(terminal);
    await typeLine(terminal, 'echo $((6*7))');
    await whenScreen(terminal, /^42$/);
    await terminal.close();
    await options.close();
  });

  test('is a member of the hub’s network, as one ephemeral node', async () => {
    expect(await browserNodes(stage.stack)).toHaveLength(1);
  });

  test('lists the hub and its sessions', async () => {
    popup = await openPopup(stage.browser);
    await popup.waitForSelector(`[data-hub-id="${second.id}"][data-session="main"]`);
    await popup.close();
  });

  test('goes on after its service worker was stopped', async () => {
    await stopServiceWorker(stage.browser);
    await second.hub.tmux('new-session', '-d', '-s', 'later');
    popup = await openPopup(stage.browser);
    await popup.waitForSelector('[data-session="later"]');
    await popup.close();
  });
});

describe('agents in terminals', () => {
  beforeAll(async () => {
    const repository = await second.hub.makeRepository('payments-api');
    const start = ['agent', 'start', '--repo', 'acme/payments-api', '--issue', '412', '--json'];
    await second.hub.hubtab([...start, '--dir', repository]);
  });

  test('an agent that was started on the hub is in the popup', async () => {
    popup = await openPopup(stage.browser);
    await popup.waitForSelector(`[data-session="${SESSION}"]`);
    expect(await popup.innerText('main.list')).toMatch(/payments-api\s+#412/);
  });

  test('a click attaches to its session', async () => {
    terminal = await clickSession(stage.browser, popup, second.id, SESSION);
    expect(await terminalClients(second.hub)).toContain(SESSION);
  });

  test('what is typed runs in its worktree', async () => {
    await typeLine(terminal, 'git branch --show-current');
    await whenScreen(terminal, /^issue-412$/);
  });

  test('the window’s size is the session’s', async () => {
    await terminal.setViewportSize({ width: 820, height: 480 });
    const rows = async () =>
      Number(
        await second.hub.tmux('display-message', '-p', '-t', `=${SESSION}:`, '#{window_height}'),
      );
    await until(async () => (await rows()) - (await screenLines(terminal)).length).toBe(-1);
  });

  test('a reload loses nothing', async () => {
    await typeLine(terminal, 'echo before-$((1+1))');
    await whenScreen(terminal, /^before-2$/);
    await terminal.reload();
    await whenOpen(terminal);
    await whenScreen(terminal, /^before-2$/);
  });

  test('closing the tab leaves the agent running', async () => {
    await typeLine(terminal, 'sleep 2; echo after-$((2+2))');
    await terminal.close();
    await until(() => terminalClients(second.hub)).not.toContain(SESSION);
    terminal = await openTerminal(stage.browser, second.id, SESSION);
    await whenOpen(terminal);
    await whenScreen(terminal, /^after-4$/);
  });

  test('two agents on one hub do not mix', async () => {
    const other = await openTerminal(stage.browser, second.id, 'main');
    await whenOpen(other);
    await typeLine(other, 'echo only-here');
    await whenScreen(other, /^only-here$/);
    expect((await screenLines(terminal)).join('\n')).not.toContain('only-here');
    await other.close();
  });

  test('an agent that waits is on badge, tab title and list', async () => {
    const target = `=${SESSION}:`;
    await second.hub.tmux('set-option', '-p', '-t', target, '@agent_question', 'Run it?');
    await second.hub.tmux('set-option', '-p', '-t', target, '@agent_state', 'waiting');
    await until(badge).toBe('1');
    await until(() => terminal.title()).toMatch(/^◆ payments-api #412/);
    popup = await openPopup(stage.browser);
    await popup.waitForSelector(`[data-group="waiting"] [data-session="${SESSION}"]`);
    expect(await look(popup, 'popup-waiting')).toEqual([]);
    await popup.close();
  });

  test('a hub that goes away is offline, its sessions the last known', async () => {
    await terminal.close();
    await second.hub.hubtab(['hub', 'down']);
    await until(badge).toBe('');
    popup = await openPopup(stage.browser);
    const section = popup.locator(`section[data-hub-id="${second.id}"]`);
    await until(() => section.getAttribute('data-state')).toBe('offline');
    expect(await section.innerText()).toMatch(/was waiting at/);
    expect(await look(popup, 'popup-offline')).toEqual([]);
    await popup.close();
  });

  test('and is back by itself', async () => {
    await second.hub.hubtab(['hub', 'up']);
    await until(badge, 60_000).toBe('1');
  });

  test('signing out leaves no node behind, and agents running', async () => {
    options = await stage.browser.open('options.html');
    await options.getByRole('button', { name: 'Sign out' }).click();
    await until(() => browserNodes(stage.stack)).toEqual([]);
    await until(badge).toBe('?');
    expect(await second.hub.tmux('list-sessions', '-F', '#{session_name}')).toContain(SESSION);
  });
});
