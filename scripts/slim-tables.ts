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

/** Where the size stands: the run-time and the linker must agree. */
const PATCHES = {
  program: {
    file: 'internal/abi/symtab.go',
    from: 'const FuncTabBucketSize = 256 * MINFUNC',
    to: `const FuncTabBucketSize = ${BUCKET}`,
    times: 1,
  },
  linker: {
    file: 'cmd/link/internal/ld/pcln.go',
    from: 'abi.FuncTabBucketSize',
    to: BUCKET,
    times: 3,
  },
};

/**
 * Builds Go's own linker with the larger bucket, into `.hubtab/go`.
 * @returns flags with which `go build` makes a WASM program with small tables; none where this Go is not the one that is
 * understood here, which costs size alone
 */
export async function slimTables(goRoot: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const to = path.join(work, 'go');
  await mkdir(to, { recursive: true });
  const overlays: Partial<Record<keyof typeof PATCHES, string>> = {};
  for (const [name, { file, from, to: replacement, times }] of Object.entries(PATCHES)) {
    const source = path.join(goRoot, 'src', file);
    const text = await readFile(source, 'utf8').catch(() => '');
    if (text.split(from).length - 1 !== times) {
      process.stderr.write(`tailnet.wasm will be larger: ${file} of this Go is not as expected\n`);
      return [];
    }
    const patched = path.join(to, path.basename(file));
    const overlay = path.join(to, `${name}.json`);
    await writeFile(patched, text.replaceAll(from, replacement));
    await writeFile(overlay, JSON.stringify({ Replace: { [source]: patched } }));
    overlays[name as keyof typeof PATCHES] = overlay;
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
