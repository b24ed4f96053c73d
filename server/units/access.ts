import { findFamilyOfToken, listEndedFamilies } from '../database/tokens.ts';
import type { Database } from '../database/database.ts';
import type { Identity } from '../identity/identity.ts';
import { hashSecret } from '../secrets.ts';
import type { BrowserCuts } from './browser-cuts.ts';

export interface AccessOptions {
  db: Database;
  identity: Identity;
  cuts: BrowserCuts;
  clock: () => number;
}

/** Ends what people were allowed: tokens, the unused keys that they brought, and the live nodes of these. */
export class Access {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** Ends the sign-in of an access or refresh token. No error if there is none. */
  async revoke(token: string): Promise<void> {
    const { db, identity, cuts } = this.#options;
    const grantId = await findFamilyOfToken(db, hashSecret(token));
    if (grantId === undefined) await identity.revoke(token);
    else await cuts.endAccess({ grantId }, () => identity.revoke(token));
  }

  /** Ends one sign-in of the account, if it has it. */
  async endGrant(accountId: string, grantId: string): Promise<void> {
    const { identity, cuts } = this.#options;
    const grants = await identity.listGrants(accountId);
    if (!grants.some(({ id }) => id === grantId)) return;
    await cuts.endAccess({ grantId }, () => identity.revokeGrant(grantId));
  }

  /** Signs the account out of every browser and extension. Its hubs stay. */
  signOutEverywhere(accountId: string): Promise<void> {
    const { identity, cuts } = this.#options;
    return cuts.endAccess({ accountId }, () => identity.revokeAllForUser(accountId));
  }

  /** Signs out everywhere, and lets nobody in again. */
  disable(accountId: string, byAccountId: string): Promise<void> {
    const { identity, cuts } = this.#options;
    return cuts.endAccess({ accountId }, () => identity.disableUser(accountId, byAccountId));
  }

  /** Ends sign-ins that are too old, or that nobody used for too long. */
  async reconcile(): Promise<void> {
    const { db, identity, cuts, clock } = this.#options;
    for (const grantId of await listEndedFamilies(db, clock())) {
      await cuts.endAccess({ grantId }, () => identity.revokeGrant(grantId));
    }
  }
}
