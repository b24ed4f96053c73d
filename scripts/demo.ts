import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { buildBundles } from './build-bundles.ts';
import { buildExtension } from './build-extension.ts';
import { buildWasm } from './build-wasm.ts';
import { launchBrowser, type ExtensionBrowser } from './chromium.ts';
import { dressHubs, DEMO_SESSION } from './demo-hubs.ts';
import {
  clickSession,
  openPopup,
  screenLines,
  signIn,
  typeLine,
  whenOpen,
  whenScreen,
} from './driver.ts';
import { work } from './paths.ts';
import { startStack, type Stack } from './stack/start.ts';

/**
 * `npm run demo`: the real stack and the main job in a real browser. With a display it leaves the browser to you until
 * Ctrl+C; without one, or with `--headless`, it does by itself what a person would, and leaves pictures and a transcript.
 */
const pictures = path.join(work, 'demo');
const transcript: string[] = [];
const started = performance.now();

function say(text: string): void {
  const line = `${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`;
  transcript.push(line);
  process.stderr.write(`${line}\n`);
}

async function picture(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: path.join(pictures, `${name}-${colorScheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Popup, click, typing, reload: exit status 0 only if what was typed came back. */
async function mainJob(stack: Stack, browser: ExtensionBrowser): Promise<void> {
  const [hub] = stack.info.accounts[0]?.hubs ?? [];
  if (!hub) throw new Error('invariant: the demo has hubs');
  const options = await signIn(browser, stack.info);
  say(`Signed in as ${stack.info.accounts[0]?.email}`);
  await picture(options, 'options');
  await options.close();

  const popup = await openPopup(browser);
  await popup.waitForSelector('[data-group="waiting"]');
  await popup.waitForSelector('[data-state="offline"]');
  await picture(popup, 'popup');
  say('The popup lists the hubs and their sessions');

  const clickedMs = performance.now();
  const terminal = await clickSession(browser, popup, hub.id, DEMO_SESSION);
  say(`A click opened the terminal in ${Math.round(performance.now() - clickedMs)} ms`);

  await typeLine(terminal, 'git status --short --branch; echo $((6*7))');
  await whenScreen(terminal, /^42$/);
  say('Typed `echo $((6*7))`: the shell in tmux answered 42');
  await whenScreen(terminal, /^## issue-412/);
  say('The shell stands in the git worktree of the issue');
  await picture(terminal, 'terminal');

  await terminal.reload();
  await whenOpen(terminal);
  await whenScreen(terminal, /^42$/);
  await typeLine(terminal, 'echo still-$((40+2))');
  await whenScreen(terminal, /^still-42$/);
  say('Reloaded the tab: the same session went on');
  transcript.push('', ...(await screenLines(terminal)));
}

await mkdir(pictures, { recursive: true });
await buildWasm();
await buildBundles();
const extension = await buildExtension('e2e');
say('Built the network client, the hub program and the extension');

const isHeadless =
  process.argv.includes('--headless') ||
  !(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
const ending = Promise.withResolvers<void>();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => ending.resolve());

const stack = await startStack({ accounts: 1, hubs: 3 });
let browser: ExtensionBrowser | undefined;
try {
  say('Started Headscale, the control server and three hubs');
  await dressHubs(stack.hubs);
  browser = await launchBrowser({ extension, headless: isHeadless });
  if (isHeadless) await mainJob(stack, browser);
  else {
    await signIn(browser, stack.info);
    say('Click the Hubtab icon in the toolbar. Ctrl+C here ends the demo.');
    await ending.promise;
  }
} catch (error) {
  process.exitCode = 1;
  say(`Failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
} finally {
  await browser?.close();
  await stack.stop();
  await writeFile(path.join(pictures, 'transcript.txt'), `${transcript.join('\n')}\n`);
}
if (process.exitCode !== 1 && isHeadless) process.stderr.write(`Pictures: ${pictures}\n`);
process.exit();
