import { parseArgs } from 'node:util';
import { z } from 'zod';
import { readAddress } from '../data-directory.ts';
import { findAccountByEmail } from '../database/accounts.ts';
import { intendCutOfAccount } from '../database/browser-cuts.ts';
import type { Database } from '../database/database.ts';
import type { Account } from '../identity/identity.ts';
import { Invitations } from '../identity/invitations.ts';
import { LocalIdentity } from '../identity/local-identity.ts';
import { dataDirectory, withDatabase, withIdentity } from './data-option.ts';
import { UsageError } from './usage-error.ts';

const VERBS = new Map([
  ['add', addUser],
  ['invite', inviteUser],
  ['disable', disableUser],
  ['enable', enableUser],
  ['list', listUsers],
]);

/** `user add|invite|disable|enable EMAIL` and `user list`. */
export function userCommand(args: string[]): Promise<number> {
  const [verb, ...rest] = args;
  const run = verb === undefined ? undefined : VERBS.get(verb);
  if (!run) throw new UsageError('expected `user add|invite|disable|enable EMAIL` or `user list`');
  return run(rest);
}

/** One address, and perhaps `--admin`. @throws UsageError */
function parseUser(args: string[]): { email: string; role: Account['role']; data?: string } {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { admin: { type: 'boolean', default: false }, data: { type: 'string' } },
  });
  const email = z.email().safeParse(positionals[0]);
  if (!email.success || positionals.length !== 1)
    throw new UsageError('expected one e-mail address');
  const role = values.admin ? 'admin' : 'member';
  return { email: email.data, role, ...(values.data === undefined ? {} : { data: values.data }) };
}

async function addUser(args: string[]): Promise<number> {
  const { email, role, data } = parseUser(args);
  const result = await withIdentity(data, (identity) => identity.createUser(email, role));
  if (!result.ok) throw new Error(`there is an account ${email} already`);
  process.stdout.write(
    `Added ${result.value.email} (${role}). Next: hubtab server pairing-code ${result.value.email}\n`,
  );
  return 0;
}

/** Prints the link by which a person makes the account themselves. */
async function inviteUser(args: string[]): Promise<number> {
  const { email, role, data } = parseUser(args);
  const address = readAddress(dataDirectory(data));
  const { token, expiresAtMs } = await withDatabase(data, (db) =>
    new Invitations({ db, clock: Date.now }).invite(null, role, email),
  );
  process.stdout.write(`${address}/invitation#t=${token}\n`);
  const until = new Date(expiresAtMs).toISOString();
  process.stderr.write(`For ${email} (${role}), one use, until ${until}. Send it to them.\n`);
  return 0;
}

/** Ends every sign-in of the account; a running server cuts off its browsers within ten seconds. */
async function disableUser(args: string[]): Promise<number> {
  const { email, data } = parseUser(args);
  await withDatabase(data, async (db) => {
    const account = await requireAccount(db, email);
    await intendCutOfAccount(db, account.id, Date.now());
    await new LocalIdentity({ db, clock: Date.now }).disableUser(account.id);
  });
  process.stdout.write(`Disabled ${email}. Its hubs stay; nobody gets in to them.\n`);
  return 0;
}

async function enableUser(args: string[]): Promise<number> {
  const { email, data } = parseUser(args);
  await withDatabase(data, async (db) => {
    const account = await requireAccount(db, email);
    await new LocalIdentity({ db, clock: Date.now }).enableUser(account.id);
  });
  process.stdout.write(`Enabled ${email}.\n`);
  return 0;
}

async function requireAccount(db: Database, email: string) {
  const account = await findAccountByEmail(db, email.toLowerCase());
  if (!account) throw new Error(`there is no account ${email}: hubtab server user list`);
  return account;
}

async function listUsers(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean', default: false }, data: { type: 'string' } },
  });
  const users = await withIdentity(values.data, (identity) => identity.listUsers());
  if (values.json) {
    process.stdout.write(`${JSON.stringify(users)}\n`);
    return 0;
  }
  for (const user of users) process.stdout.write(`${user.email}\t${user.role}\t${user.status}\n`);
  if (users.length === 0) process.stderr.write('No accounts yet: hubtab server user add EMAIL\n');
  return 0;
}
