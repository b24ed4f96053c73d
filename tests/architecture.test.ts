import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');

/** Which places a place may import from, besides itself and packages. Each entrypoint is a place of its own. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  protocol: [],
  lib: ['protocol'],
  components: ['lib', 'protocol'],
  // Of components only the functions that say what toolbar and notifications say.
  'entrypoints/agent': ['components', 'lib', 'protocol', 'public'],
  // It stands in hostile pages: nothing comes with it but what it needs.
  'entrypoints/issue.content': ['lib'],
  'entrypoints/background': ['components', 'lib', 'protocol'],
  'entrypoints/offscreen': ['lib', 'protocol', 'wasm'],
  'entrypoints/terminal': ['components', 'lib', 'protocol', 'public'],
  'entrypoints/popup': ['components', 'lib', 'protocol', 'public'],
  'entrypoints/help': ['components', 'lib'],
  'entrypoints/history': ['components', 'lib', 'protocol', 'public'],
  'entrypoints/options': ['components', 'lib', 'protocol', 'public'],
  wasm: ['protocol'],
  server: ['protocol', 'package.json'],
  hub: ['protocol', 'package.json'],
  // The bench measures the product's own start of the network client.
  scripts: ['server', 'hub', 'protocol', 'lib', 'entrypoints/offscreen', 'wasm', 'package.json'],
};

/** Packages that only some places may use; every place may use the others. */
const PACKAGES: Record<string, RegExp> = {
  protocol: /^zod$/,
  lib: /^(zod|wxt\/browser)$/,
  components: /^(#i18n|preact|preact\/hooks|lucide-static\/.*)$/,
};

const SOURCE = /\.(ts|tsx|mjs)$/;
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g;

function placeOf(file: string): string {
  const parts = file.split(path.sep);
  return parts[0] === 'entrypoints' ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

function importsOf(place: string): { file: string; target: string; relative: boolean }[] {
  const directory = path.join(root, place);
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) =>
    SOURCE.test(file),
  );
  return files.flatMap((name) => {
    const file = path.join(place, name);
    const text = readFileSync(path.join(root, file), 'utf8');
    return [...text.matchAll(IMPORT)].map(([, target = '']) => ({
      file,
      relative: target.startsWith('.'),
      target: target.startsWith('.') ? path.join(path.dirname(file), target) : target,
    }));
  });
}

test.each(Object.entries(MAY_IMPORT))('%s imports only what it may', (place, allowed) => {
  const imports = importsOf(place);
  const wrong = imports.filter(({ target, relative }) => {
    if (!relative) return PACKAGES[place] !== undefined && !PACKAGES[place].test(target);
    const to = placeOf(target);
    return to !== place && !allowed.includes(to);
  });
  expect(wrong).toEqual([]);
});

test('the rules were held against real files', () => {
  const counts = Object.keys(MAY_IMPORT).map((place) => importsOf(place).length);
  expect(counts.reduce((sum, count) => sum + count)).toBeGreaterThan(200);
});

test('every folder of sources is under a rule', () => {
  const places = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => SOURCE.test(file) && file.includes(path.sep))
    .filter((file) => !/^(node_modules|\.output|\.wxt|\.hubtab|dist|public|tests)\b/.test(file))
    .map(placeOf);
  expect([...new Set(places)].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
});
