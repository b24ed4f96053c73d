import type { Scope } from '../../protocol/account.ts';
import { findAccount } from '../database/accounts.ts';
import type { Database } from '../database/database.ts';
import { hashSecret, makeSecret } from '../secrets.ts';
import { toAccount } from './account.ts';
import type { Principal } from './identity.ts';

/** Access tokens that last as long as the process and are written nowhere. Only development.ts makes some. */
export class MemoryTokens {
  readonly #grants = new Map<string, { accountId: string; scopes: readonly Scope[] }>();

  mint(accountId: string, scopes: readonly Scope[]): string {
    const token = makeSecret('access');
    this.#grants.set(hashSecret(token), { accountId, scopes });
    return token;
  }

  /** Who a token speaks for; undefined if it is not one of ours or its account is disabled. */
  async find(hash: string, db: Database): Promise<Principal | undefined> {
    const grant = this.#grants.get(hash);
    const row = grant && (await findAccount(db, grant.accountId));
    if (!grant || !row || row.status !== 'active') return undefined;
    return {
      kind: 'account',
      account: toAccount(row),
      scopes: grant.scopes,
      grantId: null,
      keyThumbprint: null,
    };
  }

  deleteOfAccount(accountId: string): void {
    for (const [hash, grant] of this.#grants) {
      if (grant.accountId === accountId) this.#grants.delete(hash);
    }
  }
}
