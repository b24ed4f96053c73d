import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { launch, type Page } from 'puppeteer-core';
import { FIREFOX_EXTENSION_ID } from '../protocol/oauth.ts';
import { findBrowser } from './find-browser.ts';
import { zipFolder } from './release/zip-folder.ts';
import { mustRun } from './stack/run.ts';

/** The host of the extension's pages, which Firefox makes up for each profile unless it is told one. */
const HOST = '6a1f52f2-7d2b-4c0e-9a54-0f1c2b3d4e5f';

/** A Firefox with the extension in it, driven by WebDriver BiDi. */
export interface FirefoxBrowser {
  /** The pages that are open. */
  pages(): Promise<Page[]>;
  /** Opens one of the extension's pages in a tab. */
  open(address: string): Promise<Page>;
  /** Ends the process in which everything of the extension runs, as a crash does. */
  crashExtension(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts Debian's Firefox, which takes an extension that nobody signed: the one of Mozilla's that people use does not.
 * @param extension the folder as built
 * @param profile kept between launches
 */
export async function launchFirefox(extension: string, profile: string): Promise<FirefoxBrowser> {
  await mkdir(path.join(profile, 'extensions'), { recursive: true });
  const installed = path.join(profile, 'extensions', `${FIREFOX_EXTENSION_ID}.xpi`);
  await writeFile(installed, await zipFolder(extension));
  const browser = await launch({
    browser: 'firefox',
    executablePath: findBrowser({
      variable: 'FIREFOX',
      programs: ['firefox-esr'],
      debian: 'firefox-esr',
    }),
    userDataDir: profile,
    defaultViewport: null,
    handleSIGINT: false,
    // Else WebDriver may not go to pages of extensions.
    args: ['--remote-allow-system-access', '--width=1280', '--height=800'],
    extraPrefsFirefox: {
      'xpinstall.signatures.required': false,
      // Extensions that are found in the profile are on.
      'extensions.autoDisableScopes': 0,
      'extensions.webextensions.uuids': JSON.stringify({ [FIREFOX_EXTENSION_ID]: HOST }),
      // Says yes to what a person would be asked.
      'extensions.webextOptionalPermissionPrompts': false,
    },
  });
  return {
    pages: () => browser.pages(),
    async open(address) {
      const page = await browser.newPage();
      const url = `moz-extension://${HOST}/${address}`;
      // Firefox 153 does not tell WebDriver that it arrived at a page of an extension.
      void page.goto(url, { timeout: 0 }).catch(() => undefined);
      await arrive(page, url);
      return page;
    },
    async crashExtension() {
      const own = await extensionProcess(browser.process()?.pid);
      process.kill(own, 'SIGKILL');
    },
    close: () => browser.close(),
  };
}

async function arrive(page: Page, url: string): Promise<void> {
  const endMs = Date.now() + 60_000;
  const isThere = (to: string) => location.href === to && document.readyState === 'complete';
  // The page that is left may go while it is asked.
  while (!(await page.evaluate(isThere, url).catch(() => false))) {
    if (Date.now() > endMs) throw new Error(`Firefox does not arrive at ${url}`);
    await setTimeout(50);
  }
}

/** @throws Error when there is none below this process */
async function extensionProcess(browser: number | undefined): Promise<number> {
  const list = await mustRun('ps', ['-eo', 'pid=,ppid=,comm=']);
  const all = [...list.matchAll(/^ *(\d+) +(\d+) (.*)$/gm)].map(([, pid, parent, name]) => ({
    pid: Number(pid),
    parent: Number(parent),
    name,
  }));
  const isBelow = (pid: number): boolean => {
    const parent = all.find((one) => one.pid === pid)?.parent;
    return parent !== undefined && (parent === browser || isBelow(parent));
  };
  const found = all.find(({ pid, name }) => name === 'WebExtensions' && isBelow(pid));
  if (!found) throw new Error(`Firefox ${browser} has no process of extensions`);
  return found.pid;
}
