import { build } from 'esbuild';
import { copyFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildExtension } from '../build-extension.ts';
import { work } from '../paths.ts';
import { buildUpstream } from './build-upstream.ts';

/** What is loaded into the browser: the product as it is, with one more page. */
export interface Harness {
  /** The extension as built. */
  product: string;
  /** A copy of it with the page `bench/index.html` and upstream's program. */
  extension: string;
  oursWasm: string;
  upstreamWasm: string;
}

/** Builds the extension and, beside it, the copy with the bench's page in it. */
export async function buildHarness(): Promise<Harness> {
  const product = await buildExtension('e2e');
  const upstreamWasm = await buildUpstream();
  const extension = path.join(work, 'bench', 'extension');
  await addBenchPage(product, extension);
  await copyFile(upstreamWasm, path.join(extension, 'upstream.wasm'));
  return { product, extension, oursWasm: path.join(product, 'tailnet.wasm'), upstreamWasm };
}

/** Makes a copy of the extension with the bench's page in it, which can measure the product's own client. */
export async function addBenchPage(product: string, extension: string): Promise<void> {
  await rm(extension, { recursive: true, force: true });
  await cp(product, extension, { recursive: true });
  const directory = path.join(extension, 'bench');
  await mkdir(directory, { recursive: true });
  await build({
    entryPoints: ['./harness/page.ts', './harness/worker.ts'].map((file) =>
      fileURLToPath(import.meta.resolve(file)),
    ),
    outdir: directory,
    bundle: true,
    format: 'esm',
    target: 'chrome140',
    // As in the build that people load: nothing that only tests use is in what is measured.
    define: { 'import.meta.env.MODE': '"production"' },
    logLevel: 'warning',
  });
  await writeFile(
    path.join(directory, 'index.html'),
    '<!doctype html><title>bench</title><script type="module" src="/bench/page.js"></script>\n',
  );
}
