import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from './paths.ts';

const exec = promisify(execFile);
const source = path.join(root, 'wasm');
const output = path.join(root, 'public', 'tailnet.wasm');

/**
 * Builds the tailnet client to `public/tailnet.wasm`, with the glue of the same Go toolchain beside it. Does nothing when
 * no source has changed.
 */
export async function buildWasm(): Promise<void> {
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false' };
  const stamp = path.join(root, '.hubtab', 'stamps', 'wasm');
  const key = await digestOfSources();
  const built = await Promise.all([readFile(stamp, 'utf8'), readFile(output)]).catch(() => null);
  if (built?.[0] === key) return;
  process.stderr.write('Building tailnet.wasm (about a minute when nothing is cached)\n');
  const go = (args: string[], more = {}) =>
    exec('go', args, { cwd: source, env: { ...env, ...more }, maxBuffer: 64 * 1024 * 1024 });
  const tags = (await go(['run', './tools/buildtags'])).stdout.trim();
  await mkdir(path.dirname(output), { recursive: true });
  await go(
    ['build', '-trimpath', '-ldflags=-s -w', `-tags=${tags}`, '-o', output, './cmd/tailnet'],
    {
      GOOS: 'js',
      GOARCH: 'wasm',
    },
  );
  const goRoot = (await go(['env', 'GOROOT'])).stdout.trim();
  const glue = path.join(goRoot, 'lib', 'wasm', 'wasm_exec.js');
  await copyFile(glue, path.join(root, 'public', 'wasm_exec.js'));
  await mkdir(path.dirname(stamp), { recursive: true });
  await writeFile(stamp, key);
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256');
  const files = await Array.fromAsync(glob('**/{*.go,go.mod,go.sum}', { cwd: source }));
  for (const file of files.sort()) {
    if (file.endsWith('_test.go')) continue;
    hash.update(`${file}\0`).update(await readFile(path.join(source, file)));
  }
  return hash.digest('hex');
}

if (import.meta.main) await buildWasm();
