import type { z } from 'zod';
import type { AdminAccount, AdminAccountPatch, AdminInvitation } from '../../protocol/admin.ts';
import { makeCursor, readCursor } from '../cursor.ts';
import { findAccount, type AccountRow } from '../database/accounts.ts';
import { listAccountsFrom, readAccountFigures } from '../database/admin.ts';
import type { Database } from '../database/database.ts';
import type { Account, Identity } from '../identity/identity.ts';
import type { Invitations } from '../identity/invitations.ts';
import { ApiError } from '../problem.ts';
import type { Access } from '../units/access.ts';
import type { NodeDirectory } from '../units/node-directory.ts';
import { findLiveBrowsers } from './live-browsers.ts';

export interface PeopleOptions {
  db: Database;
  identity: Identity;
  invitations: Invitations;
  access: Access;
  directory: NodeDirectory;
  publicUrl: string;
  clock: () => number;
}

/** One page of a list, as an admin asks for it. */
export interface ListPage {
  cursor: string | undefined;
  limit: number;
}

/** Accounts, and the links that make them, as an admin sees and changes them. */
export class People {
  readonly #options: PeopleOptions;

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  /** @throws ApiError bad-request when the cursor is not one of ours */
  async list({ cursor, limit }: ListPage) {
    const fromId = cursor === undefined ? undefined : readCursor(cursor);
    // One more than asked for tells whether there is a next page.
    const rows = await listAccountsFrom(this.#options.db, { fromId, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      accounts: await this.#views(shown),
      nextCursor: last ? makeCursor(last.id) : null,
    };
  }

  /** @throws ApiError not-found */
  async get(id: string): Promise<AdminAccount> {
    const [view] = await this.#views([await this.#find(id)]);
    if (view) return view;
    throw new Error('invariant: one row makes one view');
  }

  /**
   * Disables or enables an account, or gives it another role. What is so already stays without a trace.
   * @throws ApiError not-found, conflict for the own account: an admin cannot lock themselves out
   */
  async change(
    id: string,
    admin: Account,
    { status, role }: z.infer<typeof AdminAccountPatch>,
  ): Promise<AdminAccount> {
    const { identity, access } = this.#options;
    const row = await this.#find(id);
    if (row.id === admin.id) {
      throw new ApiError('conflict', 'This is your own account. Another admin can change it.');
    }
    if (role !== undefined && role !== row.role) await identity.setRole(id, role, admin.id);
    if (status === 'disabled' && row.status === 'active') await access.disable(id, admin.id);
    if (status === 'active' && row.status === 'disabled') await identity.enableUser(id, admin.id);
    return this.get(id);
  }

  async invitations(): Promise<AdminInvitation[]> {
    const rows = await this.#options.invitations.listOpen();
    return rows.map((row) => ({
      id: row.id,
      email: row.email,
      role: row.role,
      createdAt: new Date(row.created_at_ms).toISOString(),
      expiresAt: new Date(row.expires_at_ms).toISOString(),
    }));
  }

  /** @throws ApiError conflict when there is such an account */
  async invite(admin: Account, role: Account['role'], email: string) {
    const { identity, invitations, publicUrl } = this.#options;
    if (await identity.findUserByEmail(email)) {
      throw new ApiError('conflict', `There is an account ${email.toLowerCase()} already.`);
    }
    const { token, expiresAtMs } = await invitations.invite(admin, role, email);
    return {
      // In the fragment: it reaches no log and no proxy.
      url: `${publicUrl}/invitation#t=${token}`,
      expiresAt: new Date(expiresAtMs).toISOString(),
    };
  }

  /** @throws ApiError not-found */
  async withdraw(id: string, admin: Account): Promise<void> {
    if (await this.#options.invitations.withdraw(id, admin.id)) return;
    throw new ApiError('not-found', 'There is no such invitation; it may have been used. Reload.');
  }

  async #find(id: string): Promise<AccountRow> {
    const row = await findAccount(this.#options.db, id);
    if (row) return row;
    throw new ApiError('not-found', 'There is no such account. Reload the list of accounts.');
  }

  async #views(rows: readonly AccountRow[]): Promise<AdminAccount[]> {
    const { db, directory, clock } = this.#options;
    const ids = rows.map(({ id }) => id);
    const figures = await readAccountFigures(db, ids, clock());
    const { nodes } = await directory.list();
    const browsers = await findLiveBrowsers(db, nodes, clock());
    const online = browsers.filter(({ node }) => node.online);
    return rows.map((row) => {
      const own = figures.get(row.id);
      if (!own) throw new Error('invariant: every account has its figures');
      return {
        id: row.id,
        email: row.email,
        role: row.role,
        status: row.status,
        createdAt: new Date(row.created_at_ms).toISOString(),
        lastActiveAt: own.lastActiveMs === null ? null : new Date(own.lastActiveMs).toISOString(),
        factors: { passkeys: own.passkeys, totp: own.hasTotp, oidc: own.hasOidc },
        hubs: own.hubs,
        signIns: own.signIns,
        liveBrowsers: online.filter(({ holder }) => holder?.accountId === row.id).length,
      };
    });
  }
}
