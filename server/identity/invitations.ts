import { ulid } from 'ulid';
import { insertAccount, type AccountRow } from '../database/accounts.ts';
import { recordAudit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import {
  deleteInvitation,
  deleteSetupLinks,
  findInvitation,
  hasAdmin,
  insertInvitation,
  insertPassword,
  listOpenInvitations,
  markInvitationUsed,
  type InvitationRow,
} from '../database/sign-in.ts';
import { failure, ok, type Result } from '../result.ts';
import { hashSecret, makeSecret } from '../secrets.ts';
import { newAccount, toAccount } from './account.ts';
import type { Account } from './identity.ts';
import { hashPassword } from './passwords.ts';

/** Time to walk from the terminal to the browser. */
const SETUP_MS = 30 * 60 * 1000;
/** Time for an invited person to read their mail. */
const INVITATION_MS = 3 * 24 * 3600 * 1000;

/** Carries an invitation through the visit to the OIDC provider. */
export const INVITATION_COOKIE = 'hubtab_invitation';

export type InvitationFailure = 'unknown' | 'used' | 'expired';

/** How accounts come to be: by the setup link that the server printed, or by a link from an admin. Sign-up is closed. */
export class Invitations {
  readonly #db: Database;
  readonly #clock: () => number;

  constructor(options: { db: Database; clock: () => number }) {
    this.#db = options.db;
    this.#clock = options.clock;
  }

  /**
   * A new setup token; older ones end.
   * @returns undefined when there is an admin already
   */
  createSetupToken(): Promise<string | undefined> {
    return this.#db.transaction().execute(async (db) => {
      if (await hasAdmin(db)) return undefined;
      await deleteSetupLinks(db);
      return (await this.#create(db, 'setup', 'admin', null, null)).token;
    });
  }

  /**
   * A link for one more account.
   * @param admin who invites; null for the command line
   * @param email if set, the account gets this address whatever its person types
   */
  invite(
    admin: Account | null,
    role: Account['role'],
    email: string | null,
  ): Promise<{ token: string; expiresAtMs: number }> {
    const address = email?.toLowerCase() ?? null;
    return this.#db.transaction().execute(async (db) => {
      const accountId = admin?.id ?? null;
      const made = await this.#create(db, 'invitation', role, address, accountId);
      await recordAudit(db, this.#clock(), { event: 'invitation-created', accountId, kind: role });
      return made;
    });
  }

  listOpen(): Promise<InvitationRow[]> {
    return listOpenInvitations(this.#db, this.#clock());
  }

  /**
   * @param accountId of the admin who takes it back
   * @returns whether there was one that nobody had used
   */
  withdraw(id: string, accountId: string): Promise<boolean> {
    return this.#db.transaction().execute(async (db) => {
      if (!(await deleteInvitation(db, id))) return false;
      await recordAudit(db, this.#clock(), { event: 'invitation-removed', accountId });
      return true;
    });
  }

  /** An invitation that can be used. */
  async find(
    token: string,
    kind: InvitationRow['kind'],
  ): Promise<Result<InvitationRow, InvitationFailure>> {
    return this.#findIn(this.#db, token, kind);
  }

  /**
   * Uses an invitation up for an account with a password.
   * @throws HashingBusy when too many passwords are being hashed
   */
  async accept(
    token: string,
    kind: InvitationRow['kind'],
    typedEmail: string,
    password: string,
  ): Promise<Result<Account, InvitationFailure | 'email-taken'>> {
    const found = await this.find(token, kind);
    if (!found.ok) return found; // before the hash: a stranger must not make us work
    const passwordHash = await hashPassword(password);
    return this.#db.transaction().execute(async (db) => {
      const made = await this.#spend(db, token, kind, typedEmail);
      if (made.ok) await insertPassword(db, made.value, passwordHash);
      return made.ok ? ok(toAccount(made.value)) : made;
    });
  }

  /**
   * The account for a person whom the OIDC provider knows and we do not.
   * @param isOpen whether no invitation is needed
   * @returns undefined if they may not have one
   */
  admit(email: string, token: string | undefined, isOpen: boolean): Promise<Account | undefined> {
    return this.#db.transaction().execute(async (db) => {
      if (token !== undefined) {
        const made = await this.#spend(db, token, 'invitation', email);
        return made.ok ? toAccount(made.value) : undefined;
      }
      const nowMs = this.#clock();
      const row = newAccount(email, 'member', nowMs);
      if (!isOpen || !(await insertAccount(db, row))) return undefined;
      const accountId = row.id;
      await recordAudit(db, nowMs, { event: 'account-created', accountId, kind: 'oidc' });
      return toAccount(row);
    });
  }

  async #spend(
    db: Database,
    token: string,
    kind: InvitationRow['kind'],
    typedEmail: string,
  ): Promise<Result<AccountRow, InvitationFailure | 'email-taken'>> {
    const nowMs = this.#clock();
    const found = await this.#findIn(db, token, kind);
    if (!found.ok) return found;
    if (kind === 'setup' && (await hasAdmin(db))) return failure('used');
    const row = newAccount(found.value.email ?? typedEmail, found.value.role, nowMs);
    if (!(await insertAccount(db, row))) return failure('email-taken');
    const isFirst = await markInvitationUsed(db, hashSecret(token), nowMs);
    if (!isFirst) throw new Error('invariant: the invitation was used within this transaction');
    const event = kind === 'setup' ? 'setup-finished' : 'invitation-accepted';
    await recordAudit(db, nowMs, { event, accountId: row.id, kind: row.role });
    return ok(row);
  }

  async #findIn(
    db: Database,
    token: string,
    kind: InvitationRow['kind'],
  ): Promise<Result<InvitationRow, InvitationFailure>> {
    const row = await findInvitation(db, hashSecret(token));
    if (row?.kind !== kind) return failure('unknown');
    if (row.used_at_ms !== null) return failure('used');
    if (row.expires_at_ms <= this.#clock()) return failure('expired');
    return ok(row);
  }

  async #create(
    db: Database,
    kind: InvitationRow['kind'],
    role: Account['role'],
    email: string | null,
    invitedBy: string | null,
  ): Promise<{ token: string; expiresAtMs: number }> {
    const token = makeSecret('invitation');
    const nowMs = this.#clock();
    const expiresAtMs = nowMs + (kind === 'setup' ? SETUP_MS : INVITATION_MS);
    await insertInvitation(db, {
      id: ulid(),
      hash: hashSecret(token),
      kind,
      role,
      email,
      invited_by: invitedBy,
      created_at_ms: nowMs,
      expires_at_ms: expiresAtMs,
      used_at_ms: null,
    });
    return { token, expiresAtMs };
  }
}
