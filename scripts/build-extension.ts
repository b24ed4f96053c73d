import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from './paths.ts';

/** `production` is what people load; `e2e` has the host permission that a headless browser cannot click. */
export type ExtensionMode = 'production' | 'e2e';

/**
 * Builds the extension and returns the folder to load.
 * @throws Error with what the build said, if it failed
 */
export async function buildExtension(mode: ExtensionMode): Promise<string> {
  // As a process of its own: it draws a spinner wherever it runs.
  await promisify(execFile)('wxt', ['build', '--mode', mode], { cwd: root });
  return extensionDirectory(mode);
}

export function extensionDirectory(mode: ExtensionMode): string {
  return path.join(root, '.output', `chrome-mv3${mode === 'e2e' ? '-e2e' : ''}`);
}
