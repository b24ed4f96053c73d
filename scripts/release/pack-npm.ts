import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { SHIPPED_FILES } from '../build-bundles.ts';
import { root } from '../paths.ts';
import { mustRun } from '../stack/run.ts';

/**
 * Packs the server and the hub program as they are built. They need nothing but Node: everything of others is in them.
 * @param more further files to put beside them
 * @returns the name of the file in `out`
 */
export async function packNpm(
  out: string,
  version: string,
  more: readonly string[] = [],
): Promise<string> {
  const folder = path.join(out, 'package');
  await mkdir(path.join(folder, 'dist'), { recursive: true });
  for (const file of SHIPPED_FILES)
    await copyFile(path.join(root, 'dist', file), path.join(folder, 'dist', file));
  const texts = ['README.md', 'CHANGELOG.md', 'LICENSE'].map((name) => path.join(root, name));
  for (const file of [...texts, ...more])
    await copyFile(file, path.join(folder, path.basename(file)));
  const { name, description, license, bin, type } = packageJson;
  const engines = { node: '>=22' };
  const manifest = { name, version, description, license, type, bin, engines };
  await writeFile(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const pack = ['pack', '--silent', '--pack-destination', out];
  const file = (await mustRun('npm', pack, { cwd: folder })).trim();
  await rm(folder, { recursive: true });
  return file;
}
