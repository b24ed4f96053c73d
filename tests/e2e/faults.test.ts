import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { extensionDirectory } from '../../scripts/build-extension.ts';
import { launchBrowser } from '../../scripts/chromium.ts';
import {
  openPopup,
  openTerminal,
  pairingCode,
  signIn,
  typeLine,
  whenOpen,
  whenScreen,
  whenTerminal,
} from '../../scripts/driver.ts';
import { HELP_SECTIONS } from '../../protocol/help.ts';
import { look } from './looks.ts';
import { firstHub, until, useStage } from './stage.ts';

const stage = useStage({ accounts: 1, hubs: 1 });
type AddedHub = Awaited<ReturnType<typeof stage.stack.addHub>>;
let noTmux: AddedHub;
let noUser: AddedHub;
let leaving: AddedHub;
let otherKey: AddedHub;

const main = () => firstHub(stage);

/** Calls the control server as the account. */
async function api(method: string, path: string, body?: object): Promise<Response> {
  const { info } = stage.stack;
  return fetch(new URL(path, info.serverUrl), {
    method,
    headers: {
      Authorization: `Bearer ${info.accounts[0]?.accessToken}`,
      'Content-Type': 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

/** Waits for a fault on a page and returns the words around it. */
async function wordsOf(page: Page, code: string, timeoutMs = 45_000): Promise<string> {
  const element = page.locator(`[data-fault="${code}"]`).first();
  await element.waitFor({ timeout: timeoutMs });
  return (await element.innerText()).replace(/\s+/g, ' ');
}

/** Clicks a button and returns the page that it opens. */
async function clickAndFollow(page: Page, name: string): Promise<Page> {
  const opened = stage.browser.context.waitForEvent('page');
  await page.getByRole('button', { name }).click();
  return opened;
}

/** Makes the server say other host keys than the hub has, as if another machine stood in its place. */
async function forgeHostKeys(hubId: string): Promise<void> {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPjT5vI2GNHJ5i2F5kvQIwEYIOyTDZWrRC9hT7+NiRKW';
  await stage.stack.server.internals.services.db
    .updateTable('hubs')
    .set({ host_keys: JSON.stringify([key]) })
    .where('id', '=', hubId)
    .execute();
}

beforeAll(async () => {
  const { stack } = stage;
  await main().hub.tmux('new-session', '-d', '-s', 'main');
  noTmux = await stack.addHub(0, 'no-tmux', async (hub) => {
    await hub.mustExec(['mkdir', '-p', 'bin']);
    await hub.mustExec(['cp', '/usr/bin/tmux', 'bin/tmux']);
  });
  noUser = await stack.addHub(0, 'no-user');
  leaving = await stack.addHub(0, 'leaving');
  otherKey = await stack.addHub(0, 'other-key');
  for (const { hub } of [noTmux, noUser, leaving, otherKey])
    await hub.tmux('new-session', '-d', '-s', 'main');
  await noTmux.hub.mustExec(['rm', 'bin/tmux']);
  await forgeHostKeys(otherKey.id);
  const patched = await api('PATCH', `/v1/hubs/${noUser.id}`, { sshUser: 'ghost' });
  if (!patched.ok) throw new Error(`PATCH: ${patched.status}`);
});

describe('the first run', () => {
  let page: Page;
  const enter = async (name: string, text: string) => {
    await page.fill(`input[name="${name}"]`, text);
    await page.press(`input[name="${name}"]`, 'Enter');
  };

  test('something that is no address is said to be none', async () => {
    page = await stage.browser.open('options.html');
    await enter('server', 'http://');
    expect(await wordsOf(page, 'bad-address')).toMatch(/not a server address/);
  });

  test('an address where nothing answers', async () => {
    await enter('server', 'http://127.0.0.1:9');
    expect(await wordsOf(page, 'server-unreachable')).toMatch(
      /does not answer. Check the spelling/,
    );
  });

  test('a server that is not Hubtab', async () => {
    const other = createServer((_, response) => response.end('hello'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    await enter('server', `http://127.0.0.1:${(other.address() as AddressInfo).port}`);
    expect(await wordsOf(page, 'not-hubtab')).toMatch(/is not a Hubtab server/);
    other.close();
    await enter('server', stage.stack.info.headscaleUrl);
    expect(await wordsOf(page, 'not-hubtab')).toMatch(/is not a Hubtab server/);
  });

  test('a wrong code, a used one and an old one', async () => {
    await enter('server', stage.stack.info.serverUrl);
    await page.click('form[data-state="sign-in"] button:has-text("Use a code")');
    await enter('code', 'AAAA-BBBB-CCCC');
    expect(await wordsOf(page, 'pairing-code-unknown')).toMatch(/ask for a new one/);

    const used = await pairingCode(stage.stack.info);
    const pair = await fetch(new URL('/v1/pair', stage.stack.info.serverUrl), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code: used }),
    });
    expect(pair.status).toBe(200);
    await enter('code', used);
    expect(await wordsOf(page, 'pairing-code-used')).toMatch(/works once/);
    await page.close();
  });
});

describe('a terminal', () => {
  let terminal: Page | undefined;
  beforeAll(async () => {
    await (await signIn(stage.browser, stage.stack.info)).close();
  });
  afterEach(async () => {
    await terminal?.close();
    terminal = undefined;
  });

  test('on a session that does not exist', async () => {
    terminal = await openTerminal(stage.browser, main().id, 'nowhere');
    expect(await wordsOf(terminal, 'session-gone')).toMatch(/This session no longer exists/);
  });

  test('on a hub whose tmux is gone', async () => {
    terminal = await openTerminal(stage.browser, noTmux.id, 'main');
    expect(await wordsOf(terminal, 'tmux-missing')).toMatch(/tmux/);
  });

  test('as a Unix user that the hub does not have', async () => {
    terminal = await openTerminal(stage.browser, noUser.id, 'main');
    expect(await wordsOf(terminal, 'unknown-user')).toMatch(/no user ghost/);
  });

  test('on a hub that presents another host key sends nothing and shows both', async () => {
    terminal = await openTerminal(stage.browser, otherKey.id, 'main');
    const words = await wordsOf(terminal, 'host-key-mismatch');
    expect(words).toMatch(/Nothing was sent/);
    expect(words).toMatch(/Known SHA256:\S+ Offered SHA256:\S+/);
    expect(await otherKey.hub.tmux('list-clients')).toBe('');
  });

  test('whose host key a person compared with what the hub printed opens, until that is forgotten', async () => {
    terminal = await openTerminal(stage.browser, otherKey.id, 'main');
    await wordsOf(terminal, 'host-key-mismatch');
    const printed = await otherKey.hub.hubtab(['hub', 'key']);
    const options = await clickAndFollow(terminal, 'Check the key in options');
    const trust = options.getByRole('button', { name: 'Trust this key' });
    const dialog = options.locator('dialog');
    await dialog.waitFor();
    expect(await trust.isDisabled()).toBe(true);
    const other = printed.split('\n').find((line) => !printed.startsWith(line)) ?? '';
    await options.fill('input[name="printed"]', other);
    await options.waitForSelector('[data-verdict="other"]');
    expect(await dialog.innerText()).toMatch(/Something else answers in its place/);
    expect(await trust.isDisabled()).toBe(true);
    await options.fill('input[name="printed"]', printed.split('\n')[0] ?? '');
    await options.waitForSelector('[data-verdict="same"]');
    await trust.click();
    await dialog.waitFor({ state: 'detached' });
    // The tab that was blocked goes on by itself.
    await whenOpen(terminal);
    await typeLine(terminal, 'echo trusted-$((1+1))');
    await whenScreen(terminal, /^trusted-2$/);

    await options.getByRole('button', { name: 'Forget key' }).click();
    await options.getByRole('button', { name: 'Forget the key' }).click();
    expect(await wordsOf(terminal, 'host-key-mismatch')).toMatch(/Nothing was sent/);
    await options.getByRole('button', { name: 'Compare' }).waitFor();
    await options.close();
  });

  test.each([
    '$(touch pwned)',
    '`touch pwned`',
    "'; touch pwned; '",
    '"; touch pwned; "',
    '#(touch pwned)',
    'main:0',
    'main.0',
    '-t',
    '=main',
    '$0',
    '%0',
    '@0',
    'main\n',
    '\u0000',
    'mаin', // a Cyrillic а
    '../main',
  ])('on a session named %j runs nothing and says so', async (name) => {
    terminal = await openTerminal(stage.browser, main().id, name);
    await terminal.waitForSelector(
      '[data-fault="session-name-refused"], [data-fault="session-gone"]',
    );
    const { code } = await main().hub.exec(['sh', '-c', 'ls -d ~/pwned pwned']);
    expect(code).not.toBe(0);
  });

  test('at an address that is none', async () => {
    terminal = await stage.browser.open('terminal.html#nonsense');
    expect(await wordsOf(terminal, 'bad-address')).toMatch(/names no hub/);
  });

  test('on a hub that is offline opens by itself when the hub returns', async () => {
    await main().hub.hubtab(['hub', 'down']);
    terminal = await openTerminal(stage.browser, main().id, 'main');
    expect(await wordsOf(terminal, 'hub-offline')).toMatch(/is offline/);
    await main().hub.hubtab(['hub', 'up']);
    await whenOpen(terminal, 60_000);
    await typeLine(terminal, 'echo back-$((1+1))');
    await whenScreen(terminal, /^back-2$/);
  });

  test('whose hub is removed while it is open', async () => {
    terminal = await openTerminal(stage.browser, leaving.id, 'main');
    await whenOpen(terminal);
    expect((await api('DELETE', `/v1/hubs/${leaving.id}`)).status).toBe(204);
    expect(await wordsOf(terminal, 'hub-removed', 60_000)).toMatch(/keeps running/);
    expect(await leaving.hub.tmux('list-sessions', '-F', '#{session_name}')).toContain('main');
  });

  test('whose session ends says so and keeps its last screen', async () => {
    await main().hub.tmux('new-session', '-d', '-s', 'ending');
    terminal = await openTerminal(stage.browser, main().id, 'ending');
    await whenOpen(terminal);
    await typeLine(terminal, 'exit');
    await whenTerminal(terminal, 'ended');
    expect(await terminal.innerText('[data-state="ended"]')).toMatch(/Session ended/);
  });
});

test('while Headscale is silent a new browser says so, and goes on by itself after', async () => {
  const pid = stage.stack.server.headscalePid();
  if (pid === undefined) throw new Error('Headscale is not running');
  const browser = await launchBrowser({ extension: extensionDirectory('e2e') });
  process.kill(pid, 'SIGSTOP');
  try {
    await signIn(browser, stage.stack.info);
    const popup = await openPopup(browser);
    expect(await wordsOf(popup, 'headscale-unavailable')).toMatch(/network service does not/);
    const terminal = await openTerminal(browser, main().id, 'main');
    expect(await wordsOf(terminal, 'headscale-unavailable')).toMatch(/network/);
    process.kill(pid, 'SIGCONT');
    await whenOpen(terminal, 60_000);
  } finally {
    process.kill(pid, 'SIGCONT');
    await browser.close();
  }
});

test('a fault leads to its place in what can be done', async () => {
  const terminal = await stage.browser.open('terminal.html#nonsense');
  const opened = stage.browser.context.waitForEvent('page');
  await terminal.getByRole('link', { name: 'What to do' }).click();
  const help = await opened;
  await help.locator(`h2#${HELP_SECTIONS['bad-address']}:target`).waitFor();
  const headings = await help.locator('h2').evaluateAll((all) => all.map(({ id }) => id));
  const missing = Object.values(HELP_SECTIONS).filter((section) => !headings.includes(section));
  expect(missing).toEqual([]);
  expect(await look(help, 'help')).toEqual([]);
  await help.close();
  expect(await look(terminal, 'terminal-bad-address')).toEqual([]);
  await terminal.close();
});

test('a sign-in that was ended on the server is said to be over', async () => {
  const worker = await stage.browser.serviceWorker();
  // The access token runs out, and the server no longer knows the other one.
  await worker.evaluate(async () => {
    const { account } = await chrome.storage.local.get<{ account: object }>('account');
    await chrome.storage.local.set({ account: { ...account, refreshToken: 'htr_gone' } });
    await chrome.storage.session.remove('access-token');
  });
  const popup = await openPopup(stage.browser);
  await until(() => popup.evaluate(() => document.body.innerText)).toMatch(/Signed out/);
  await popup.close();
  await (await signIn(stage.browser, stage.stack.info)).close();
});

test('when the server is down the popup says so and keeps the list', async () => {
  await stage.stack.server.stop();
  const popup = await openPopup(stage.browser);
  expect(await wordsOf(popup, 'server-unreachable')).toMatch(/does not answer/);
  await popup.waitForSelector(`[data-hub-id="${main().id}"]`);
});
