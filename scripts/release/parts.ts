import { execFile } from 'node:child_process';
import { glob, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from '../paths.ts';

const exec = promisify(execFile);
const MEBIBYTES_64 = 64 * 1024 * 1024;

/** A package or module of somebody else's that is in what is shipped. */
export interface Part {
  name: string;
  version: string;
  /** As package URLs name it (purl-spec). */
  url: string;
  /** Where its files are. */
  folder: string;
  /** As its package.json says; Go modules say nothing. */
  license: string | undefined;
}

/** What the extension imports, beside what `dependencies` bring: fonts come by their style sheets. */
const FONTS = [
  '@fontsource/commit-mono',
  '@fontsource/noto-sans-symbols',
  '@fontsource/noto-sans-symbols-2',
  'jetbrains-mono',
];
/** Wxt is the build; these parts of it are in the extension. */
const OF_WXT = [
  '@wxt-dev/browser',
  '@wxt-dev/i18n',
  '@wxt-dev/webextension-polyfill',
  'webextension-polyfill',
];

/** Everything of others that is in the extension, the programs or the network client, by name. */
export async function shippedParts(): Promise<Part[]> {
  const parts = [...(await npmParts()), ...(await goParts())];
  return parts.sort((a, b) => (a.url < b.url ? -1 : 1));
}

interface PackageJson {
  name: string;
  version: string;
  license?: string;
  dependencies?: Record<string, string>;
}

async function npmParts(): Promise<Part[]> {
  const found = new Map<string, Part>();
  const add = async (name: string, from: string): Promise<void> => {
    const folder = await packageFolder(name, from);
    // One that is for another system, or a peer that nobody installed.
    if (folder === undefined || found.has(folder)) return;
    const manifest = await readManifest(folder);
    const { version, license } = manifest;
    const url = `pkg:npm/${name.replace('@', '%40')}@${version}`;
    found.set(folder, { name, version, url, folder, license });
    for (const inner of Object.keys(manifest.dependencies ?? {})) await add(inner, folder);
  };
  const { dependencies = {} } = await readManifest(root);
  const names = [...Object.keys(dependencies), ...(await importedByExtension())];
  for (const name of [...names, ...FONTS, ...OF_WXT]) await add(name, root);
  return [...found.values()];
}

async function readManifest(folder: string): Promise<PackageJson> {
  return JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as PackageJson;
}

/** Where Node would find a package from a folder. */
async function packageFolder(name: string, from: string): Promise<string | undefined> {
  const folder = path.join(from, 'node_modules', name);
  if (await stat(path.join(folder, 'package.json')).catch(() => null)) return folder;
  const above = path.dirname(from);
  return from.startsWith(root) && from !== root ? packageFolder(name, above) : undefined;
}

/** Names of packages in the import lines of what becomes the extension. */
async function importedByExtension(): Promise<string[]> {
  const names = new Set<string>();
  const cwd = root;
  for await (const file of glob('{entrypoints,components,lib,protocol}/**/*.{ts,tsx}', { cwd })) {
    const source = await readFile(path.join(root, file), 'utf8');
    for (const [, name = ''] of source.matchAll(/from '((?:@[\w-]+\/)?[a-z][\w.-]*)[^']*'/g))
      if (name !== 'wxt') names.add(name);
  }
  return [...names];
}

async function goParts(): Promise<Part[]> {
  const cwd = path.join(root, 'wasm');
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false' };
  const go = (args: string[], more = {}) =>
    exec('go', args, { cwd, env: { ...env, ...more }, maxBuffer: MEBIBYTES_64 });
  const tags = (await go(['run', './tools/buildtags'])).stdout.trim();
  const list = [
    'list',
    '-deps',
    `-tags=${tags}`,
    '-f',
    '{{with .Module}}{{.Path}} {{.Version}} {{.Dir}}{{end}}',
  ];
  const { stdout } = await go([...list, './cmd/tailnet'], { GOOS: 'js', GOARCH: 'wasm' });
  const modules = [...new Set(stdout.split('\n'))].map((line) => line.split(' '));
  const goRoot = (await go(['env', 'GOROOT'])).stdout.trim();
  const goVersion = (await go(['env', 'GOVERSION'])).stdout.trim().replace(/^go/, '');
  const url = `pkg:golang/std@${goVersion}`;
  return [
    { name: 'std', version: goVersion, url, folder: goRoot, license: undefined },
    // Our own has no version.
    ...modules.flatMap(([name = '', version = '', folder = '']) =>
      version === ''
        ? []
        : [{ name, version, url: `pkg:golang/${name}@${version}`, folder, license: undefined }],
    ),
  ];
}

/**
 * The licence texts of a part.
 * @throws Error when it has none and does not say which it has
 */
export async function licenceText({ name, folder, license }: Part): Promise<string> {
  const texts: string[] = [];
  for await (const file of glob('{LICEN[CS]E,licen[cs]e,COPYING,NOTICE}*', { cwd: folder })) {
    const text = await readFile(path.join(folder, file), 'utf8').catch(() => undefined);
    if (text !== undefined) texts.push(text.trim());
  }
  if (texts.length > 0) return texts.join('\n\n');
  if (license !== undefined) return `Licence: ${license}`;
  throw new Error(`${name}: ${folder} has no licence`);
}
