import path from 'node:path';
import { build } from 'wxt';
import { root } from './paths.ts';

/** `production` is what people load; `e2e` has the host permission that a headless browser cannot click. */
export type ExtensionMode = 'production' | 'e2e';

/** Builds the extension and returns the folder to load. */
export async function buildExtension(mode: ExtensionMode): Promise<string> {
  await build({ root, mode });
  return extensionDirectory(mode);
}

export function extensionDirectory(mode: ExtensionMode): string {
  return path.join(root, '.output', `chrome-mv3${mode === 'e2e' ? '-e2e' : ''}`);
}
