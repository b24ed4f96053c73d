import { ulid } from 'ulid';
import type { AccountRow } from '../database/accounts.ts';
import type { Account } from './identity.ts';

/** Hubs of an account, unless the administrator sets another number. */
const DEFAULT_HUB_LIMIT = 50;

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

/** The row of an account that is about to be made. */
export function newAccount(email: string, role: Account['role'], nowMs: number): AccountRow {
  return {
    id: ulid(nowMs),
    email: email.toLowerCase(),
    role,
    status: 'active',
    hub_limit: DEFAULT_HUB_LIMIT,
    created_at_ms: nowMs,
  };
}
