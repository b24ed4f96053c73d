import { parseMessagesFile } from '@wxt-dev/i18n/build';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');
/** The manifest names the first two, the third is no text, and the others are the browser's own. */
const KNOWN = /^(name|description|language|@@.*)$/;

/** Every text that stands between quotes after `i18n.t(`, templates up to their first blank. */
function usedKeys(): { whole: Set<string>; beginnings: string[] } {
  const whole = new Set<string>();
  const beginnings: string[] = [];
  for (const folder of ['components', 'entrypoints', 'lib']) {
    for (const name of readdirSync(path.join(root, folder), {
      recursive: true,
      encoding: 'utf8',
    })) {
      if (!/\.tsx?$/.test(name)) continue;
      const text = readFileSync(path.join(root, folder, name), 'utf8');
      for (const [, key = ''] of text.matchAll(/'([a-z][A-Za-z]*(?:\.[A-Za-z]+)+)'/g))
        whole.add(key);
      for (const [, start = ''] of text.matchAll(/i18n\.t\(`([^`$]+)\$\{/g)) beginnings.push(start);
    }
  }
  return { whole, beginnings };
}

test('every text of the catalogue is used', async () => {
  const messages = await parseMessagesFile(path.join(root, 'locales', 'en.yml'));
  const { whole, beginnings } = usedKeys();
  const unused = messages
    .map(({ key }) => key.join('.'))
    .filter((key) => !whole.has(key) && !KNOWN.test(key))
    .filter((key) => !beginnings.some((start) => key.startsWith(start)));
  expect(unused).toEqual([]);
});
