import { watch } from 'node:fs';
import path from 'node:path';
import { buildBundles } from './build-bundles.ts';
import { buildExtension } from './build-extension.ts';
import { buildWasm } from './build-wasm.ts';
import { launchBrowser } from './chromium.ts';
import { signIn } from './driver.ts';
import { root } from './paths.ts';
import { startStack } from './stack/start.ts';

/**
 * `npm run dev`: the stack, a browser that is signed in to it, and a rebuild with a reload of the extension at each change
 * of its sources. Ctrl+C ends all of it.
 */
const WATCHED = ['components', 'entrypoints', 'lib', 'protocol', 'public', 'wasm'];

/** An editor saves a file in several steps. */
const SETTLE_MS = 200;

await buildWasm();
await buildBundles();
const extension = await buildExtension('e2e');
const stack = await startStack({ accounts: 1, hubs: 1 });
process.stdout.write(`${JSON.stringify(stack.info)}\n`);
await stack.hubs[0]?.tmux('new-session', '-d', '-s', 'main');

const hasDisplay = Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
const browser = await launchBrowser({ extension, headless: !hasDisplay });
await signIn(browser, stack.info);
await allowReload();

const stopped = new AbortController();
let timer: ReturnType<typeof setTimeout> | undefined;
for (const directory of WATCHED)
  watch(path.join(root, directory), { recursive: true, signal: stopped.signal }, (_, file) => {
    if (file && /\.(ts|tsx|css|html|go)$/.test(file)) {
      clearTimeout(timer);
      timer = setTimeout(() => void rebuild(), SETTLE_MS);
    }
  });
process.stderr.write('Watching; Ctrl+C ends.\n');

/** Without developer mode an unpacked extension that reloads itself stays off. */
async function allowReload(): Promise<void> {
  const page = await browser.context.newPage();
  await page.goto('chrome://extensions');
  await page.evaluate(
    'chrome.developerPrivate.updateProfileConfiguration({ inDeveloperMode: true })',
  );
  await page.close();
}

async function rebuild(): Promise<void> {
  try {
    await buildWasm();
    await buildExtension('e2e');
    const worker = await browser.serviceWorker();
    // The extension takes its new files with it; its tabs close, as on an update.
    await worker.evaluate(() => chrome.runtime.reload()).catch(() => {});
    process.stderr.write('Rebuilt.\n');
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
  }
}

const ending = Promise.withResolvers<void>();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => ending.resolve());
await ending.promise;
stopped.abort();
clearTimeout(timer);
await browser.close();
await stack.stop();
process.exit(0);
