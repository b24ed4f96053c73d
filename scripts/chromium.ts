import { chromium, type BrowserContext, type Page, type Worker } from 'playwright-core';
import { findBrowser } from './find-browser.ts';

/** @throws Error that says what to install, when there is no Chromium on PATH and none in $CHROMIUM */
export function findChromium(): string {
  return findBrowser({
    variable: 'CHROMIUM',
    programs: ['chromium', 'chromium-browser', 'google-chrome-for-testing', 'google-chrome'],
    debian: 'chromium',
  });
}

export interface LaunchOptions {
  /** The built extension. */
  extension: string;
  /** Kept between launches; if unset, a fresh one that is removed. */
  profile?: string;
  /** The profile has had the extension before. */
  isKnown?: boolean;
  headless?: boolean;
  /** Base64 of the SHA-256 of a public key (SPKI) whose certificates are trusted. */
  trustedKey?: string | undefined;
  colorScheme?: 'light' | 'dark';
  viewport?: { width: number; height: number };
  /** The program; if unset, the one that is found. */
  program?: string;
  /** Further switches of Chromium. */
  switches?: string[];
}

/** A Chromium with the extension in it. */
export interface ExtensionBrowser {
  context: BrowserContext;
  id: string;
  /** The extension's service worker; found again when it was stopped. */
  serviceWorker(): Promise<Worker>;
  /** Opens one of the extension's pages in a tab. */
  open(address: string, size?: { width: number; height: number }): Promise<Page>;
  close(): Promise<void>;
}

export async function launchBrowser(options: LaunchOptions): Promise<ExtensionBrowser> {
  const { extension, profile = '', headless = true, colorScheme = 'light' } = options;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: options.program ?? findChromium(),
    headless,
    colorScheme,
    viewport: options.viewport ?? { width: 1280, height: 720 },
    // Playwright would end the process at once, with the stack still running; whoever started that ends both.
    handleSIGINT: false,
    args: [
      // Root may not use Chromium's sandbox.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...(options.trustedKey
        ? [`--ignore-certificate-errors-spki-list=${options.trustedKey}`]
        : []),
      `--disable-extensions-except=${extension}`,
      `--load-extension=${extension}`,
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      ...(options.switches ?? []),
    ],
  });
  const serviceWorker = async () =>
    context.serviceWorkers()[0] ?? context.waitForEvent('serviceworker', { timeout: 30_000 });
  const id = new URL((await serviceWorker()).url()).host;
  // The extension greets a person who just installed it, in the tab that is there; nothing else may navigate before.
  if (!options.isKnown) await context.pages()[0]?.waitForURL(/\/options\.html$/);
  return {
    context,
    id,
    serviceWorker,
    async open(address, size) {
      const page = await context.newPage();
      if (size) await page.setViewportSize(size);
      await page.goto(`chrome-extension://${id}/${address.replace(/^\//, '')}`);
      return page;
    },
    close: () => context.close(),
  };
}
