import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeBackup } from '../backup/backup.ts';
import { readSettings } from '../config-sources.ts';
import { parseConfig } from '../config.ts';
import { dataDirectory } from './data-option.ts';
import { readPassphrase } from './passphrase.ts';
import { UsageError } from './usage-error.ts';

/** `backup [FILE]`: beside the running server, or without one. */
export async function backupCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      'passphrase-file': { type: 'string' },
      'no-encryption': { type: 'boolean', default: false },
    },
  });
  if (positionals.length > 1) throw new UsageError('expected one file');
  const config = parseConfig(readSettings(dataDirectory(values.data)));
  if (!existsSync(config.dataDir)) throw new Error(`there is no server in ${config.dataDir}`);
  const isPlain = values['no-encryption'];
  const path = resolve(positionals[0] ?? defaultName(isPlain));
  if (existsSync(path)) throw new Error(`${path} is there already; name another file`);
  const passphrase = isPlain ? undefined : await readPassphrase(values['passphrase-file'], true);
  await makeBackup(config, path, passphrase);
  process.stdout.write(`${path}\n`);
  if (isPlain) {
    process.stderr.write('It is not encrypted, and holds every secret of the server.\n');
  }
  // One that runs beside the server may keep its data where a supervised one would.
  const isInside = existsSync(join(config.dataDir, 'headscale', 'headscale.sqlite'));
  if (config.headscale.url !== undefined && !isInside) {
    process.stderr.write('Headscale is not in it: back up the one you run yourself as well.\n');
  }
  return 0;
}

function defaultName(isPlain: boolean): string {
  const time = new Date().toISOString().replaceAll(/\..*|[-:]/g, '');
  return `hubtab-${time}.tar${isPlain ? '' : '.age'}`;
}
