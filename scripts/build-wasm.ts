import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, copyFile, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from './paths.ts';
import { slimTables } from './slim-tables.ts';

const exec = promisify(execFile);
const source = path.join(root, 'wasm');
const output = path.join(root, 'public', 'tailnet.wasm');
const glue = path.join(root, 'public', 'wasm_exec.js');

/** Features of WebAssembly that Go 1.26 writes; all are in every browser that runs the extension. */
const WASM_FEATURES = ['bulk-memory', 'sign-ext', 'nontrapping-float-to-int', 'mutable-globals'];

/** Set while working on `wasm/`: leaves out the optimizer, which takes longer than all the rest. */
const isQuick = process.env['HUBTAB_QUICK_WASM'] === '1';

/**
 * Builds the tailnet client to `public/tailnet.wasm`, with the glue of the same Go toolchain beside it. Does nothing when
 * no source has changed.
 */
export async function buildWasm(): Promise<void> {
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false' };
  const stamp = path.join(root, '.hubtab', 'stamps', 'wasm');
  const key = await digestOfSources();
  const built = await Promise.all([readFile(stamp, 'utf8'), access(output), access(glue)]).catch(
    () => null,
  );
  if (built?.[0] === key) return;
  process.stderr.write('Building tailnet.wasm (some minutes when nothing is cached)\n');
  const go = (args: string[], more = {}) =>
    exec('go', args, { cwd: source, env: { ...env, ...more }, maxBuffer: 64 * 1024 * 1024 });
  const tags = (await go(['run', './tools/buildtags'])).stdout.trim();
  const goRoot = (await go(['env', 'GOROOT'])).stdout.trim();
  const slim = await slimTables(goRoot, env);
  await mkdir(path.dirname(output), { recursive: true });
  await rm(output, { force: true });
  await go(
    [
      'build',
      '-trimpath',
      ...slim,
      '-ldflags=-s -w',
      `-tags=${tags}`,
      '-o',
      output,
      './cmd/tailnet',
    ],
    { GOOS: 'js', GOARCH: 'wasm' },
  );
  const features = WASM_FEATURES.map((feature) => `--enable-${feature}`);
  if (!isQuick) await exec('wasm-opt', [...features, '-Oz', output, '-o', output]);
  await copyFile(path.join(goRoot, 'lib', 'wasm', 'wasm_exec.js'), glue);
  await mkdir(path.dirname(stamp), { recursive: true });
  await writeFile(stamp, key);
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256').update(String(isQuick));
  const files = await Array.fromAsync(glob('**/{*.go,go.mod,go.sum}', { cwd: source }));
  for (const file of files.sort()) {
    if (file.endsWith('_test.go')) continue;
    hash.update(`${file}\0`).update(await readFile(path.join(source, file)));
  }
  for (const script of ['build-wasm.ts', 'slim-tables.ts'])
    hash.update(await readFile(path.join(import.meta.dirname, script)));
  return hash.digest('hex');
}

if (import.meta.main) await buildWasm();
