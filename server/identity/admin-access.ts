import type { Person } from './sign-in.ts';

/**
 * Why somebody may not administer the server.
 * - `factor-needed`: signed in without a passkey or the authenticator app
 * - `not-recent`: that was more than ten minutes ago
 */
export type AdminRefusal = 'not-admin' | 'factor-needed' | 'not-recent';

/** Administering takes the role, and a passkey or the authenticator app within the last ten minutes. */
export function adminRefusal(person: Person): AdminRefusal | undefined {
  if (person.account.role !== 'admin') return 'not-admin';
  if (person.method !== 'passkey' && person.method !== 'totp') return 'factor-needed';
  return person.isRecent ? undefined : 'not-recent';
}
