import type { AccountRow } from '../database/accounts.ts';
import type { Account } from './identity.ts';

/** An account as the rest of the server sees it. */
export function toAccount(row: AccountRow): Account {
  return {
    id: row.id,
    email: row.email,
    role: row.role,
    status: row.status,
    hubLimit: row.hub_limit,
  };
}
