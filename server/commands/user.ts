import { parseArgs } from 'node:util';
import { z } from 'zod';
import { withIdentity } from './data-option.ts';
import { UsageError } from './usage-error.ts';

/** `user add EMAIL [--admin]` and `user list [--json]`. */
export async function userCommand(args: string[]): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === 'add') return addUser(rest);
  if (verb === 'list') return listUsers(rest);
  throw new UsageError('expected `user add EMAIL` or `user list`');
}

async function addUser(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { admin: { type: 'boolean', default: false }, data: { type: 'string' } },
  });
  const email = z.email().safeParse(positionals[0]);
  if (!email.success || positionals.length !== 1)
    throw new UsageError('expected one e-mail address');
  const role = values.admin ? 'admin' : 'member';
  const result = await withIdentity(values.data, (identity) =>
    identity.createUser(email.data, role),
  );
  if (!result.ok) throw new Error(`there is an account ${email.data} already`);
  process.stdout.write(
    `Added ${result.value.email} (${role}). Next: hubtab server pairing-code ${result.value.email}\n`,
  );
  return 0;
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
