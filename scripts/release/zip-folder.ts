import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { zipSync, type Zippable } from 'fflate';

/** The earliest that a zip file can say, the same in every time zone. */
const ANY_TIME = new Date(1980, 0, 1);

/** All files of a folder as one zip file. The same files give the same bytes. */
export async function zipFolder(folder: string): Promise<Uint8Array> {
  const names: string[] = [];
  for await (const entry of glob('**/*', { cwd: folder, withFileTypes: true }))
    if (entry.isFile()) names.push(path.relative(folder, path.join(entry.parentPath, entry.name)));
  const files: Zippable = {};
  for (const name of names.sort()) files[name] = await readFile(path.join(folder, name));
  return zipSync(files, { level: 9, mtime: ANY_TIME });
}
