import { build } from 'esbuild';
import path from 'node:path';
import { root } from './paths.ts';

/** The bundled program, one file that needs nothing but Node. */
export const hubtabBundle = path.join(root, 'dist', 'hubtab.mjs');

/** Bundles the `hubtab` program: Node strips no types under `node_modules`, and a hub should need no package manager. */
export async function buildBundles(): Promise<void> {
  await build({
    entryPoints: [path.join(root, 'hub', 'main.ts')],
    outfile: hubtabBundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    logLevel: 'warning',
    legalComments: 'linked',
  });
}

if (import.meta.main) await buildBundles();
