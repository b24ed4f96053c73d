import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isEncrypted } from '../backup/archive.ts';
import { restoreBackup } from '../backup/restore.ts';
import { dataDirectory } from './data-option.ts';
import { readPassphrase } from './passphrase.ts';
import { UsageError } from './usage-error.ts';

/** `restore FILE`: into an empty data directory. */
export async function restoreCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { data: { type: 'string' }, 'passphrase-file': { type: 'string' } },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length !== 1) throw new UsageError('expected one file');
  const path = resolve(file);
  const dataDir = dataDirectory(values.data);
  const passphrase = (await isEncrypted(path))
    ? await readPassphrase(values['passphrase-file'], false)
    : undefined;
  const { createdAt } = await restoreBackup(path, dataDir, passphrase);
  process.stdout.write(
    `Restored the state of ${createdAt} into ${dataDir}.\n` +
      `What was removed or ended since then is back: look at accounts and hubs.\n` +
      `Next: hubtab server start --data ${dataDir}\n`,
  );
  return 0;
}
