import { parseArgs } from 'node:util';
import { readAddress } from '../data-directory.ts';
import { Invitations } from '../identity/invitations.ts';
import { dataDirectory, withDatabase } from './data-option.ts';

/** `setup-url`: prints a new link for the first admin; older ones end. */
export async function setupUrlCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { data: { type: 'string' } } });
  const address = readAddress(dataDirectory(values.data));
  const token = await withDatabase(values.data, (db) =>
    new Invitations({ db, clock: Date.now }).createSetupToken(),
  );
  if (token === undefined) throw new Error('there is an admin already; admins invite others');
  process.stdout.write(`${setupUrl(address, token)}\n`);
  process.stderr.write('One use, for 30 minutes. Open it in a browser.\n');
  return 0;
}

/** The token is in the fragment, which browsers send to nobody. */
export function setupUrl(publicUrl: string, token: string): string {
  return `${publicUrl}/setup#t=${token}`;
}
