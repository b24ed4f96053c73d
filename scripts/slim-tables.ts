import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { work } from './paths.ts';

const exec = promisify(execFile);

/**
 * Go finds the function of an address by a table with one bucket of 20 bytes for 4 KiB of code (abi.FuncTabBucketSize).
 * In WASM every function counts as 64 KiB of it (cmd/link/internal/wasm/asm.go), so that each fills 16 buckets: 5 of the
 * 28 MB of our program, and of the memory that it starts with. A bucket of 1 MiB holds 16 functions and loses nothing.
 */
const BUCKET = '(1 << 20)';

/** Changes of Go's source: the run-time and the linker must agree on the size of a bucket. */
const PATCHES = {
  program: [
    {
      file: 'internal/abi/symtab.go',
      from: 'const FuncTabBucketSize = 256 * MINFUNC',
      to: `const FuncTabBucketSize = ${BUCKET}`,
      times: 1,
    },
  ],
  linker: [
    { file: 'cmd/link/internal/ld/pcln.go', from: 'abi.FuncTabBucketSize', to: BUCKET, times: 3 },
    // No lines and no inlined functions, a tenth of the program: stacks name functions and offsets in them, and whoever has
    // the source builds a program that knows the rest.
    {
      file: 'cmd/link/internal/ld/pcln.go',
      from: 'range pcSyms {',
      to: 'range pcSyms[:1] {',
      times: 1,
    },
    {
      file: 'cmd/link/internal/ld/pcln.go',
      from: 'startLine = fi.StartLine()',
      to: 'startLine = 0',
      times: 1,
    },
    {
      file: 'cmd/link/internal/loader/loader.go',
      from: 'return fi.lengths.NumInlTree',
      to: 'return 0',
      times: 1,
    },
  ],
};

/**
 * Builds Go's own linker with the larger bucket, into `.hubtab/go`.
 * @returns flags with which `go build` makes a WASM program with small tables; none where this Go is not the one that is
 * understood here, which costs size alone
 */
export async function slimTables(goRoot: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const to = path.join(work, 'go');
  await mkdir(to, { recursive: true });
  const overlays = { program: '', linker: '' };
  for (const name of ['program', 'linker'] as const) {
    const overlay = await writeOverlay(path.join(to, name), goRoot, PATCHES[name]);
    if (overlay === undefined) return [];
    overlays[name] = overlay;
  }
  const linker = path.join(to, 'link');
  await exec(
    'go',
    ['build', '-trimpath', `-overlay=${overlays.linker}`, '-o', linker, 'cmd/link'],
    {
      cwd: to,
      env,
    },
  );
  const choose = path.join(to, 'toolexec');
  const script = `#!/bin/sh
tool=$1
shift
case $tool in */link) tool='${linker}' ;; esac
exec "$tool" "$@"
`;
  await writeFile(choose, script, { mode: 0o755 });
  return [`-overlay=${overlays.program}`, `-toolexec=${choose}`];
}

/** Writes patched copies of Go's files and the list of them. Returns undefined where a file is not as expected. */
async function writeOverlay(
  to: string,
  goRoot: string,
  patches: readonly { file: string; from: string; to: string; times: number }[],
): Promise<string | undefined> {
  await mkdir(to, { recursive: true });
  const texts = new Map<string, string>();
  for (const patch of patches) {
    const source = path.join(goRoot, 'src', patch.file);
    const text = texts.get(source) ?? (await readFile(source, 'utf8').catch(() => ''));
    if (text.split(patch.from).length - 1 !== patch.times) {
      process.stderr.write(
        `tailnet.wasm will be larger: ${patch.file} of this Go is not as expected\n`,
      );
      return undefined;
    }
    texts.set(source, text.replaceAll(patch.from, patch.to));
  }
  const replace: Record<string, string> = {};
  for (const [source, text] of texts) {
    replace[source] = path.join(to, path.basename(source));
    await writeFile(replace[source], text);
  }
  const overlay = path.join(to, 'overlay.json');
  await writeFile(overlay, JSON.stringify({ Replace: replace }));
  return overlay;
}
