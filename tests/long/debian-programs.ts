import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { work } from '../../scripts/paths.ts';
import { mustRun } from '../../scripts/stack/run.ts';

/**
 * Unpacks a package of Debian's into `.hubtab/debian/NAME`, without installing it: a proxy that is installed would run as
 * a service from then on.
 * @returns the folder, with `usr/` in it
 */
export async function unpackDebian(name: string): Promise<string> {
  const parent = path.join(work, 'debian');
  const folder = path.join(parent, name);
  if (existsSync(folder)) return folder;
  await mkdir(parent, { recursive: true });
  const making = await mkdtemp(path.join(parent, 'making-'));
  try {
    await mustRun('apt-get', ['download', '-q', name], { cwd: making });
    await mustRun('sh', ['-c', 'dpkg-deb -x ./*.deb unpacked'], { cwd: making });
    await rename(path.join(making, 'unpacked'), folder);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return folder;
}
