import { ulid } from 'ulid';
import type { Share } from '../../protocol/hubs.ts';
import type { ShareOffer } from '../../protocol/shares.ts';
import { recordAudit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { dropKeptAnswers } from '../database/kept-answers.ts';
import {
  answerOffer,
  deleteShare,
  findShare,
  insertShare,
  listOffersTo,
  listSharesOfHubs,
  purgeShares,
  type ShareRow,
} from '../database/shares.ts';
import type { Account, Identity } from '../identity/identity.ts';
import type { Log } from '../log.ts';
import { ApiError } from '../problem.ts';
import type { BrowserCuts } from './browser-cuts.ts';
import type { Hubs } from './hubs.ts';

/** Time to notice an offer. */
const OFFER_MS = 14 * 24 * 3600 * 1000;
/** Accounts that one hub may be shared with, open offers included: a hub is one Unix user, not a service. */
export const SHARES_PER_HUB = 20;

export interface SharesOptions {
  db: Database;
  identity: Identity;
  hubs: Hubs;
  cuts: BrowserCuts;
  clock: () => number;
  log: Log;
}

/** Who else may reach a hub. */
export class Shares {
  readonly #options: SharesOptions;

  constructor(options: SharesOptions) {
    this.#options = options;
  }

  /**
   * Offers a hub to an address. Takes the same steps and answers the same whether or not an account has it. Offering
   * twice is offering once.
   * @throws ApiError not-found, forbidden (for a guest), bad-request (for the own address), conflict
   */
  async offer(hubId: string, owner: Account, email: string): Promise<Share> {
    const { db, identity, hubs, clock, log } = this.#options;
    await hubs.findOwned(hubId, owner.id);
    const guestEmail = email.toLowerCase();
    if (guestEmail === owner.email) {
      throw new ApiError('bad-request', 'This hub is yours already. Offer it to another address.');
    }
    const guest = await identity.findUserByEmail(guestEmail);
    const nowMs = clock();
    const share = await db.transaction().execute(async (trx) => {
      await purgeShares(trx, nowMs); // A lapsed offer must not stand in the way of a new one.
      const open = await listSharesOfHubs(trx, [hubId], nowMs);
      const isNew = open.every((row) => row.guest_email !== guestEmail);
      if (isNew && open.length >= SHARES_PER_HUB) {
        throw new ApiError(
          'conflict',
          `This hub is offered to ${SHARES_PER_HUB} accounts, as many as may be. Remove one first.`,
        );
      }
      const share = await insertShare(trx, {
        id: ulid(nowMs),
        hub_id: hubId,
        guest_email: guestEmail,
        guest_id: guest?.id ?? null,
        state: 'offered',
        created_at_ms: nowMs,
        expires_at_ms: nowMs + OFFER_MS,
      });
      const about = { accountId: owner.id, hubId, shareId: share.id };
      if (isNew) await recordAudit(trx, nowMs, { event: 'share-offered', ...about });
      return share;
    });
    log('info', 'hub-offered', { hubId, accountId: owner.id });
    return toShare(share);
  }

  /**
   * Ends a share: the owner takes it back, or the guest leaves. Their browsers are cut off, and no key works any more
   * that they were given.
   * @throws ApiError not-found
   */
  async end(hubId: string, account: Account, shareId: string): Promise<void> {
    const hub = await this.#options.hubs.find(hubId, account.id);
    const share = await findShare(this.#options.db, shareId);
    const isTheirs = hub.share_id === null || hub.share_id === shareId;
    if (!share || share.hub_id !== hub.id || !isTheirs) throw noShare();
    await this.#end(share.id, account);
  }

  /** Offers that the account may accept. */
  async offersTo(account: Account): Promise<ShareOffer[]> {
    const { db, clock } = this.#options;
    const rows = await listOffersTo(db, account.id, clock());
    return rows.map((row) => ({
      id: row.id,
      from: row.from,
      createdAt: new Date(row.created_at_ms).toISOString(),
      expiresAt: new Date(row.expires_at_ms).toISOString(),
    }));
  }

  /** Accepting twice is accepting once. @returns the id of the hub @throws ApiError not-found */
  async accept(account: Account, shareId: string): Promise<string> {
    const { db, clock, log } = this.#options;
    const share = await findShare(db, shareId);
    if (!share || share.guest_id !== account.id) throw noOffer();
    const nowMs = clock();
    await db.transaction().execute(async (trx) => {
      const isNew = await answerOffer(trx, shareId, account.id, { state: 'accepted', nowMs });
      if (!isNew && share.state !== 'accepted') throw noOffer();
      const about = { accountId: account.id, hubId: share.hub_id, shareId };
      if (isNew) await recordAudit(trx, nowMs, { event: 'share-accepted', ...about });
    });
    log('info', 'share-accepted', { hubId: share.hub_id, accountId: account.id });
    return share.hub_id;
  }

  /** The guest declines an offer, or leaves a hub. @throws ApiError not-found */
  async decline(account: Account, shareId: string): Promise<void> {
    const { db, clock } = this.#options;
    const share = await findShare(db, shareId);
    if (!share || share.guest_id !== account.id) throw noOffer();
    if (share.state === 'accepted') return this.#end(share.id, account);
    // It stays until it lapses, so that the owner sees no difference and cannot ask again and again.
    await answerOffer(db, shareId, account.id, { state: 'declined', nowMs: clock() });
  }

  async #end(shareId: string, account: Account): Promise<void> {
    const { db, cuts, clock, log } = this.#options;
    const cut = await db.transaction().execute(async (trx) => {
      const share = await deleteShare(trx, shareId);
      if (!share) return undefined;
      const about = { accountId: share.guest_id, byAccountId: account.id };
      const hubId = share.hub_id;
      await recordAudit(trx, clock(), { event: 'share-removed', ...about, hubId, shareId });
      if (share.guest_id === null || share.state !== 'accepted') return undefined;
      const target = { hubId, accountId: share.guest_id };
      log('info', 'share-ended', target);
      await dropKeptAnswers(trx, target);
      return cuts.intend(trx, target);
    });
    if (cut) await cuts.finish(cut);
  }
}

/** A share as the owner, or the guest who accepted it, sees it. */
export function toShare(row: ShareRow): Share {
  return {
    id: row.id,
    email: row.guest_email,
    state: row.state === 'accepted' ? 'accepted' : 'offered',
    createdAt: new Date(row.created_at_ms).toISOString(),
  };
}

function noShare(): ApiError {
  return new ApiError(
    'not-found',
    'This hub has no such share; it may have ended. Reload the hub.',
  );
}

function noOffer(): ApiError {
  return new ApiError(
    'not-found',
    'There is no such offer to this account; it may have been taken back. Reload the list.',
  );
}
