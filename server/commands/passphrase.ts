import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { UsageError } from './usage-error.ts';

/** A backup holds every secret of the server, and guessing can go on for years. */
const MIN_LENGTH = 12;

/**
 * The passphrase of `--passphrase-file`, else of `$HUBTAB_BACKUP_PASSPHRASE`, else typed, unseen.
 * @throws UsageError when there is none and nobody to ask
 */
export async function readPassphrase(file: string | undefined, isNew: boolean): Promise<string> {
  const passphrase =
    file === undefined
      ? process.env.HUBTAB_BACKUP_PASSPHRASE || (await ask('Passphrase of the backup: '))
      : readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  if (isNew && passphrase.length < MIN_LENGTH) {
    throw new UsageError(`expected a passphrase of at least ${MIN_LENGTH} characters`);
  }
  return passphrase;
}

async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new UsageError('expected --passphrase-file FILE or $HUBTAB_BACKUP_PASSPHRASE');
  }
  // The line editor echoes what is typed to its output; this one is nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
