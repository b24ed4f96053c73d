import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { work } from '../../scripts/paths.ts';
import { mustRun } from '../../scripts/stack/run.ts';

const MIRROR = 'http://deb.debian.org/debian';
const SUITE = 'bookworm';

/**
 * Makes a Debian with nothing but what debootstrap puts there and some packages, in a folder that must not exist. The first
 * one is kept in `.hubtab/debian-root` and copied afterwards. Only root can.
 */
export async function makeDebian(folder: string, packages: readonly string[]): Promise<void> {
  const parent = path.join(work, 'debian-root');
  const kept = path.join(parent, [SUITE, ...packages].join('-'));
  if (!existsSync(kept)) {
    await mkdir(path.join(parent, 'packages'), { recursive: true });
    const making = await mkdtemp(path.join(parent, 'making-'));
    try {
      const root = path.join(making, 'root');
      await mustRun(
        'debootstrap',
        [
          '--variant=minbase',
          `--cache-dir=${path.join(parent, 'packages')}`,
          `--include=${packages.join(',')}`,
          SUITE,
          root,
          MIRROR,
        ],
        { timeoutMs: 500_000 },
      );
      // Another test may have been faster.
      await rename(root, kept).catch((error: unknown) => {
        if (!existsSync(kept)) throw error;
      });
    } finally {
      await rm(making, { recursive: true, force: true });
    }
  }
  execFileSync('cp', ['-a', '--reflink=auto', kept, folder]);
}
