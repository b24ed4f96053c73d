import { readFileSync } from 'node:fs';
import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import type { CliContext } from './context.ts';

/**
 * The join token of the command line, or of a file, or `-` for stdin; undefined if none was given.
 *
 * @throws HubtabError if it is not there, or no token
 */
export async function readToken(
  text: string | undefined,
  file: string | undefined,
  context: CliContext,
): Promise<string | undefined> {
  if (text === undefined && file === undefined) return undefined;
  const token = (text ?? (await readTokenFile(file ?? '-', context))).trim();
  if (/^[\x21-\x7e]{1,512}$/.test(token)) return token;
  throw new HubtabError(EXIT.usage, 'the join token is empty or holds spaces; copy it again.');
}

async function readTokenFile(file: string, context: CliContext): Promise<string> {
  try {
    if (file !== '-') return readFileSync(file, 'utf8');
    if (context.isTty) context.say('Paste the join token, then press Enter and Ctrl+D:');
    return (await process.stdin.toArray()).join('');
  } catch (error) {
    throw new HubtabError(
      EXIT.failed,
      `cannot read the join token from ${JSON.stringify(file)}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
