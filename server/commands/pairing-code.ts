import { parseArgs } from 'node:util';
import { withIdentity } from './data-option.ts';
import { UsageError } from './usage-error.ts';

/** `pairing-code EMAIL`: prints the code and when it ends. */
export async function pairingCodeCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, data: { type: 'string' } },
  });
  const [email] = positionals;
  if (email === undefined || positionals.length !== 1) {
    throw new UsageError('expected one e-mail address');
  }
  const issued = await withIdentity(values.data, async (identity) => {
    const account = await identity.findUserByEmail(email);
    if (!account) throw new Error(`there is no account ${email}: hubtab server user add ${email}`);
    if (account.status !== 'active') throw new Error(`the account ${email} is disabled`);
    return identity.createPairingCode(account.id);
  });
  const expiresAt = new Date(issued.expiresAtMs).toISOString();
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ code: issued.code, expiresAt })}\n`
      : `Pairing code: ${issued.code}\nOne use, until ${expiresAt}. Type it into the extension.\n`,
  );
  return 0;
}
