import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

export const MANIFEST = 'manifest.json';

export const Manifest = z.object({
  format: z.literal(1, 'made by a newer version of Hubtab; install that one first'),
  hubtab: z.string(),
  createdAt: z.iso.datetime(),
  /** What the server's own data is: a file among the others, or a dump to load. */
  database: z.enum(['sqlite', 'postgres']),
  /** Newest migration of the database. */
  migration: z.string(),
  /** SHA-256 of each file, hex, by its path. */
  files: z.record(z.string(), z.string()),
});
export type Manifest = z.infer<typeof Manifest>;

/** SHA-256 of every file below a directory, by its path from there. */
export async function hashFiles(directory: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(directory, entry);
    if (!statSync(path).isFile() || entry === MANIFEST) continue;
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    files[relative(directory, path)] = hash.digest('hex');
  }
  return files;
}

/** @throws when the manifest is missing or of another format, or a file is not what it says */
export async function checkManifest(directory: string): Promise<Manifest> {
  const parsed = Manifest.safeParse(
    JSON.parse(readFileSync(join(directory, MANIFEST), 'utf8')) as unknown,
  );
  if (!parsed.success)
    throw new Error(`the backup cannot be used: ${z.prettifyError(parsed.error)}`);
  const found = await hashFiles(directory);
  if (JSON.stringify(found) !== JSON.stringify(parsed.data.files)) {
    throw new Error('the backup is damaged: its files are not those that it lists');
  }
  return parsed.data;
}
