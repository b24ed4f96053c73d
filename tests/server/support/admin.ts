import { makePerson, signInAdmin, visit } from '../../../scripts/visitor.ts';
import type { TestServer } from './test-server.ts';

/** `Cookie` headers of people who are signed in on the pages. */
export interface AdminCookies {
  /** An admin who just used the authenticator app. */
  admin: string;
  /** One who signed in with the password alone. */
  weak: string;
  /** One whose sign-in is more than ten minutes old. */
  old: string;
  /** One whose session has ended. */
  expired: string;
  member: string;
}

/** Makes admins and a member and signs each in. Only the first admin's session is good for the admin pages. */
export async function signInAdmins(test: TestServer): Promise<AdminCookies> {
  const cookies: Partial<AdminCookies> = {};
  for (const kind of ['admin', 'old', 'expired'] as const) {
    cookies[kind] = (await signInAdmin(test.server, `${kind}@example.test`)).cookie;
  }
  for (const kind of ['weak', 'member'] as const) {
    const email = `${kind}@example.test`;
    const { password } = await makePerson(test, email, kind === 'member' ? 'member' : 'admin');
    const visitor = visit(test.server);
    await visitor.signIn(email, password);
    cookies[kind] = visitor.cookie;
  }
  await setSession(test, 'old@example.test', { createdAt: ago(11) });
  await setSession(test, 'expired@example.test', { expiresAt: ago(1) });
  return cookies as AdminCookies; // each kind was just set
}

/** As time does it to the sessions of an account. */
async function setSession(
  { services }: TestServer,
  email: string,
  times: { createdAt?: Date; expiresAt?: Date },
): Promise<void> {
  const account = await services.identity.findUserByEmail(email);
  await services.db
    .updateTable('auth_sessions')
    .set(
      // SQLite has no dates.
      Object.fromEntries(Object.entries(times).map(([key, time]) => [key, time.toISOString()])),
    )
    .where('userId', '=', account?.id ?? '')
    .execute();
}

function ago(minutes: number): Date {
  return new Date(Date.now() - minutes * 60_000);
}
