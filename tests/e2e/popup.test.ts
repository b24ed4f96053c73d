import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import {
  clickSession,
  openPopup,
  signIn,
  typeLine,
  whenOpen,
  whenScreen,
} from '../../scripts/driver.ts';
import { look } from './looks.ts';
import { browserNodes, firstHub, terminalClients, until, useStage } from './stage.ts';

/** What a person does in the popup and on the options page, by keys alone where there are keys. */
const stage = useStage({ accounts: 1, hubs: 2 });
const main = () => firstHub(stage);
const second = () => {
  const hub = stage.stack.hubs[1];
  if (!hub) throw new Error('two hubs expected');
  return hub;
};
let popup: Page;
let repository = '';

const sessions = () => main().hub.tmux('list-sessions', '-F', '#{session_name}');
const row = (session: string) =>
  popup.locator(`[role="option"][data-session="${session}"]`).first();

/** The key goes down, and the popup may be gone before it comes up. */
async function pressLastEnter() {
  await popup.keyboard.press('Enter').catch((error: unknown) => {
    if (!popup.isClosed()) throw error;
  });
}

beforeAll(async () => {
  repository = await main().hub.makeRepository('payments-api');
  await main().hub.tmux('new-session', '-d', '-s', 'main');
  await second().tmux('new-session', '-d', '-s', 'other');
  const page = await signIn(stage.browser, stage.stack.info);
  await page.goto('about:blank');
});

test('New agent, by keys alone, starts the agent on the hub and opens its terminal', async () => {
  popup = await openPopup(stage.browser);
  await row('main').waitFor();
  await popup.keyboard.press('Tab');
  await popup.keyboard.press('Enter');
  await popup.waitForSelector('[data-state="new-agent"] select');
  expect(await look(popup, 'popup-new-agent')).toEqual([]);
  // The focus is on the repository.
  await popup.keyboard.type('acme');
  await popup.keyboard.press('Enter');
  expect(await popup.innerText('.field.repo [role="alert"]')).toMatch(/owner\/name/);
  expect(await look(popup, 'popup-new-agent-wrong')).toEqual([]);
  await popup.keyboard.type('/payments-api');
  await popup.keyboard.press('Tab');
  await popup.keyboard.type('#412');
  await popup.keyboard.press('Tab');
  await popup.keyboard.press('Space');
  await popup.keyboard.press('Tab');
  await popup.keyboard.type(`echo "issue-$((400+12))"; exec bash`);
  await popup.keyboard.press('Tab');
  await popup.keyboard.type(repository);
  const opened = stage.browser.context.waitForEvent('page', { timeout: 60_000 });
  await pressLastEnter();
  const terminal = await opened;
  await whenOpen(terminal);
  await whenScreen(terminal, /issue-412/);
  expect(await sessions()).toContain('agent-acme-payments-api-412');
  await terminal.close();
});

test('a start that the hub refuses says what the hub said', async () => {
  popup = await openPopup(stage.browser);
  await popup.getByRole('button', { name: 'New agent' }).click();
  await popup.fill('input[name="repo"]', 'acme/nothing');
  await popup.fill('input[name="issue"]', '7');
  await popup.getByText('Command and folder').click();
  await popup.fill('input[name="folder"]', '/nowhere');
  await popup.press('input[name="folder"]', 'Enter');
  const fault = popup.locator('[data-fault="agent-refused"]');
  await fault.waitFor({ timeout: 60_000 });
  expect(await fault.innerText()).toContain('/nowhere');
  expect(await look(popup, 'popup-new-agent-refused')).toEqual([]);
  await popup.getByRole('button', { name: 'Cancel' }).click();
  await row('main').waitFor();
});

test('the list says what it says to everybody', async () => {
  const target = '=agent-acme-payments-api-412:';
  await main().hub.tmux('set-option', '-p', '-t', target, '@agent_question', 'Run it?');
  await main().hub.tmux('set-option', '-p', '-t', target, '@agent_state', 'waiting');
  await until(() => row('agent-acme-payments-api-412').getAttribute('data-state')).toBe('waiting');
  const spoken = row('agent-acme-payments-api-412').locator('.visually-hidden');
  expect(await spoken.innerText()).toMatch(/^payments-api 412, waiting .*, hub0, Run it\?$/);
  expect(await look(popup, 'popup')).toEqual([]);
});

test('a session is renamed and stopped from the popup, by keys', async () => {
  await main().hub.tmux('new-session', '-d', '-s', 'scratch');
  await row('scratch').waitFor();
  await popup.locator('input[role="combobox"]').fill('scratch');
  await popup.keyboard.press('Shift+F10');
  await popup.waitForSelector('dialog.sheet');
  expect(await look(popup, 'popup-actions')).toEqual([]);
  await popup.keyboard.press('Escape'); // closes the dialog alone
  await popup.waitForSelector('dialog.sheet', { state: 'detached' });
  await popup.keyboard.press('Shift+F10');
  await popup.getByRole('button', { name: 'Rename' }).press('Enter');
  await popup.locator('input[name="session"]').fill('#(touch pwned)');
  await popup.keyboard.press('Enter');
  await popup.waitForSelector('dialog.sheet [role="alert"]');
  await popup.locator('input[name="session"]').fill('scratch two');
  await popup.keyboard.press('Enter');
  await row('scratch two').waitFor();
  expect(await sessions()).toContain('scratch two');

  await popup.locator('input[role="combobox"]').fill('scratch');
  await popup.keyboard.press('Shift+F10');
  await popup.getByRole('button', { name: 'Stop' }).press('Enter');
  expect(await popup.innerText('dialog.sheet')).toMatch(/Every program in this session ends/);
  await popup.getByRole('button', { name: 'Stop', exact: true }).press('Enter');
  await until(sessions).not.toContain('scratch two');
  await popup.waitForSelector('dialog.sheet', { state: 'detached' });

  await popup.locator('input[role="combobox"]').fill('412');
  await popup.keyboard.press('Shift+F10');
  await popup.getByRole('button', { name: 'Stop' }).press('Enter');
  expect(await popup.innerText('dialog.sheet')).toMatch(/worktree and branch stay/);
  await popup.getByRole('button', { name: 'Stop', exact: true }).press('Enter');
  await until(sessions).not.toContain('agent-acme-payments-api-412');
  await popup.close();
});

test('every agent that was started on its hub is listed with its state, and opens on a click', async () => {
  const says = (state: string) => `tmux set-option -p @agent_state ${state}; exec cat`;
  const agents = [
    { issue: '501', script: says('waiting'), state: 'waiting' },
    { issue: '502', script: says('working'), state: 'working' },
    { issue: '503', script: 'exit 3', state: 'failed' },
  ];
  for (const { issue, script } of agents) {
    const which = ['--repo', 'acme/payments-api', '--issue', issue, '--dir', repository];
    await main().hub.hubtab(['agent', 'start', ...which, '--detach', '--', 'sh', '-c', script]);
  }
  for (const { issue, state } of agents) {
    const session = `agent-acme-payments-api-${issue}`;
    popup = await openPopup(stage.browser);
    await until(() => row(session).getAttribute('data-state')).toBe(state);
    const terminal = await clickSession(stage.browser, popup, main().id, session);
    await until(() => terminalClients(main().hub)).toContain(session);
    await terminal.close();
    await main().hub.tmux('kill-session', '-t', `=${session}`);
  }
});

test('the popup draws the last known list at once', async () => {
  await (await openPopup(stage.browser)).close();
  popup = await openPopup(stage.browser);
  await row('main').waitFor();
  const drawnMs = await popup.evaluate(() => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    return Math.round(paint?.startTime ?? 0);
  });
  console.log(`popup: first contentful paint after ${drawnMs} ms`);
  const loaded = await popup.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => name),
  );
  // What checks the server's answers has no place in the popup: it is larger than all of it.
  const sources = await Promise.all(
    loaded
      .filter((name) => name.endsWith('.js'))
      .map((name) => popup.evaluate(async (url) => (await fetch(url)).text(), name)),
  );
  expect(sources.some((text) => text.includes('ZodError'))).toBe(false);
  await popup.close();
});

test('at twice the size, and on a narrow screen, nothing is lost', async () => {
  const overflow = (page: Page) =>
    page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth - clientWidth;
    });
  // The most that the browser gives a popup, at a zoom of 200 %.
  popup = await stage.browser.open('popup.html', { width: 800, height: 600 });
  await row('main').waitFor();
  await popup.evaluate(() => (document.documentElement.style.zoom = '2'));
  expect(await overflow(popup)).toBeLessThanOrEqual(0);
  await popup.close();
  // Of a window of 640 px, zoom leaves 320.
  const options = await stage.browser.open('options.html', { width: 320, height: 700 });
  await options.waitForSelector('#hubs .hub');
  expect(await overflow(options)).toBeLessThanOrEqual(0);
  expect(await look(options, 'options-narrow')).toEqual([]);
  await options.close();
});

test('options: a hub is watched or not, as its switch says', async () => {
  const options = await stage.browser.open('options.html', { width: 1000, height: 900 });
  const clients = () => second().tmux('list-clients', '-F', '#{session_name}');
  await until(clients).toBe('hubtab-watch');
  const watch = options.getByRole('switch', { name: 'Watch hub1' });
  await watch.focus();
  await options.keyboard.press('Space');
  await until(clients).toBe('');
  await options.keyboard.press('Space');
  await until(clients).toBe('hubtab-watch');
  await options.getByRole('switch', { name: 'Quiet hours' }).click();
  await options.getByText('Saved').waitFor();
  await options.reload();
  expect(await options.getByRole('switch', { name: 'Quiet hours' }).isChecked()).toBe(true);
  expect(await options.locator('input[type="time"]').first().inputValue()).toBe('22:00');

  await options.close();
});

test('the main job works after all of that', async () => {
  popup = await openPopup(stage.browser);
  await row('other').waitFor();
  const opened = stage.browser.context.waitForEvent('page');
  await popup.locator('input[role="combobox"]').fill('other');
  await pressLastEnter();
  const terminal = await opened;
  await whenOpen(terminal);
  await typeLine(terminal, 'echo $((6*7))');
  await whenScreen(terminal, /^42$/);
});

test('options: a browser of a hub is removed, which ends its sign-in', async () => {
  const options = await stage.browser.open('options.html', { width: 1000, height: 900 });
  await options.getByRole('button', { name: 'Browsers hub0' }).click();
  await options.locator('.browsers li').first().waitFor();
  expect(await look(options, 'options')).toEqual([]);
  await options.locator('.browsers li button').first().click();
  expect(await look(options, 'options-remove-browser')).toEqual([]);
  const nodeId = await options.locator('.browsers li').first().getAttribute('data-node-id');
  await options
    .getByRole('alertdialog')
    .getByRole('button', { name: /^Remove/ })
    .click();
  const nodes = async () => (await browserNodes(stage.stack)).map(({ id }) => String(id));
  await until(nodes).not.toContain(nodeId);
  // It was this browser itself.
  await options.locator('.browsers [data-fault="unauthorized"]').waitFor();
});
