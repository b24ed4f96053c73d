import { copyFile } from 'node:fs/promises';
import { build, type BuildOptions } from 'esbuild';
import path from 'node:path';
import { root } from './paths.ts';

/** The bundled program, one file that needs nothing but Node. */
export const hubtabBundle = path.join(root, 'dist', 'hubtab.mjs');

/** What `hubtab server` loads, beside the program: hubs need none of it. */
const serverBundle = path.join(root, 'dist', 'hubtab-server.mjs');

/** What the server reads as it starts; the bundle has it beside itself. */
const SERVER_FILES = [
  'headscale/policy.hujson',
  'pages/tokens.css',
  'pages/primitives.css',
  'pages/pages.css',
  'pages/troubleshooting.md',
];

/** All that `buildBundles` makes that is shipped: the names of files in `dist`. */
export const SHIPPED_FILES = [
  path.basename(hubtabBundle),
  path.basename(serverBundle),
  ...SERVER_FILES.map((file) => path.basename(file)),
];

/** Packages in CommonJS ask for Node's modules by `require`, which an ES module has to make for itself. */
const REQUIRE = `import { createRequire as hubtabRequire } from 'node:module'; const require = hubtabRequire(import.meta.url);`;

/** Bundles the `hubtab` program: Node strips no types under `node_modules`, and a hub should need no package manager. */
export async function buildBundles(): Promise<void> {
  await Promise.all([
    bundle('hub/main.ts', hubtabBundle),
    bundle('server/main.ts', serverBundle, { external: ['pg-native'] }),
  ]);
  for (const file of SERVER_FILES)
    await copyFile(path.join(root, 'server', file), path.join(root, 'dist', path.basename(file)));
}

async function bundle(entry: string, outfile: string, options: BuildOptions = {}): Promise<void> {
  await build({
    ...options,
    banner: { js: REQUIRE },
    entryPoints: [path.join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    logLevel: 'warning',
    legalComments: 'linked',
  });
}

if (import.meta.main) await buildBundles();
