import { parseMessagesFile } from '@wxt-dev/i18n/build';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAst } from 'vite';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');
/** The manifest names the first two, the third is no text, and the others are the browser's own. */
const KNOWN = /^(name|description|language|@@.*)$/;

/** The sources of what people see, each with its name. */
function sources(folders: readonly string[]): { file: string; text: string }[] {
  return folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => ({
        file: `${folder}/${name}`,
        text: readFileSync(path.join(root, folder, name), 'utf8'),
      })),
  );
}

/** Every text that stands between quotes after `i18n.t(`, templates up to their first blank. */
function usedKeys(): { whole: Set<string>; beginnings: string[] } {
  const whole = new Set<string>();
  const beginnings: string[] = [];
  for (const { text } of sources(['components', 'entrypoints', 'lib'])) {
    for (const [, key = ''] of text.matchAll(/'([a-z][A-Za-z]*(?:\.[A-Za-z_]+)+)'/g))
      whole.add(key);
    for (const [, start = ''] of text.matchAll(/(?:i18n\.t\(|words = )`([^`$]+)\$\{/g))
      beginnings.push(start);
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

test('every text has a name that browsers take', async () => {
  const messages = await parseMessagesFile(path.join(root, 'locales', 'en.yml'));
  const names = messages.map(({ key }) => key.join('_').toLowerCase());
  expect(names.filter((name) => !/^[a-z0-9_@]+$/.test(name))).toEqual([]);
  expect(names).toHaveLength(new Set(names).size);
});

/** A part of a syntax tree, as far as this test goes. */
interface Part {
  type: string;
  value?: unknown;
  name?: { name?: string };
  [field: string]: unknown;
}

/** Attributes that people read or hear, if only as the name of something. */
const READ = /^(?:aria-label|alt|label|placeholder|sentence|text|title)$/;
/** What needs no translation: names of texts, addresses, keys, commands and fonts. */
const NO_WORDS =
  /^(?:\w+(?:\.\w*)+|(?:(?:Alt|Shift|Enter|H|F10) ?)+|tmux|hubtab hub key|SHA256:|JetBrains Mono NL)$/;

/** Texts that stand in the code itself: between tags, in an attribute that is read, or like words of a sentence. */
function strayTexts(part: Part, attribute: string | undefined, found: string[]): void {
  if (/^(?:TS|Import|Throw)/.test(part.type)) return; // types, paths, and errors for developers
  if (part.type === 'BinaryExpression' || part.type === 'MemberExpression') return; // names of keys
  const within = part.type === 'JSXAttribute' ? (part.name?.name ?? '') : attribute;
  if (within === 'class') return;
  const raw = part.type === 'TemplateElement' ? (part.value as { raw: string }).raw : part.value;
  if (typeof raw === 'string' && /^(?:JSXText|Literal|TemplateElement)$/.test(part.type)) {
    const text = raw.trim();
    const isRead = part.type === 'JSXText' || (within !== undefined && READ.test(within));
    const looks = isRead ? /\p{L}{2}/u : /^\p{Lu}\p{Ll}+(?:\b.*\p{L}.*[.?!]|(?: \p{L}+)+)$/u;
    if (looks.test(text) && !NO_WORDS.test(text)) found.push(text);
  }
  for (const value of Object.values(part)) {
    for (const child of Array.isArray(value) ? value : [value])
      if (typeof child === 'object' && child !== null && 'type' in child)
        strayTexts(child as Part, within, found);
  }
}

test('no text that a person reads stands outside of the catalogue', () => {
  const pages = sources(['components', 'entrypoints']).filter(
    // Why it exists is told to the browser alone.
    ({ file }) => !file.endsWith('/offscreen-document.ts'),
  );
  expect(pages.length).toBeGreaterThan(100);
  const stray = pages.flatMap(({ file, text }) => {
    const found: string[] = [];
    const program = parseAst(text, { lang: file.endsWith('x') ? 'tsx' : 'ts' });
    strayTexts(program as unknown as Part, undefined, found);
    return found.map((words) => `${file}: ${words}`);
  });
  expect(stray).toEqual([]);
});
