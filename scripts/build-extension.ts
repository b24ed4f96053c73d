import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from './paths.ts';

/** `production` is what people load; `e2e` has the host permission that a headless browser cannot click. */
export type ExtensionMode = 'production' | 'e2e';

export type Browser = 'chromium' | 'firefox';

/** What wxt calls a browser, with the manifest's version. Firefox's version 2 has a background page, which can own a worker. */
const TARGETS = {
  chromium: { switches: [], folder: 'chrome-mv3' },
  firefox: { switches: ['--browser', 'firefox', '--mv2'], folder: 'firefox-mv2' },
} as const;

/**
 * Builds the extension and returns the folder to load.
 * @throws Error with what the build said, if it failed
 */
export async function buildExtension(
  mode: ExtensionMode,
  browser: Browser = 'chromium',
): Promise<string> {
  // As a process of its own: it draws a spinner wherever it runs.
  const { switches } = TARGETS[browser];
  // What is tested is the code that people load: without this a mode of another name has the checks of development.
  const env = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)('wxt', ['build', '--mode', mode, ...switches], { cwd: root, env });
  return extensionDirectory(mode, browser);
}

export function extensionDirectory(mode: ExtensionMode, browser: Browser = 'chromium'): string {
  const { folder } = TARGETS[browser];
  return path.join(root, '.output', mode === 'e2e' ? `${folder}-e2e` : folder);
}
