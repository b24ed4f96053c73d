import { z } from 'zod';
import { Ulid } from './ids.ts';

/** `POST /v1/hubs/{id}/shares`. The answer is the same whether or not there is an account with that address. */
export const ShareRequest = z.object({ email: z.email().max(254) }).strict();

/**
 * A hub that somebody offers to this account, `GET /v1/shares`. It tells who offers and nothing of the hub: not even
 * its name, which the other chose, before it is accepted.
 */
export const ShareOffer = z.object({
  id: Ulid,
  /** Address of the account that offers. */
  from: z.string(),
  createdAt: z.iso.datetime(),
  /** When the offer lapses. */
  expiresAt: z.iso.datetime(),
});
export type ShareOffer = z.infer<typeof ShareOffer>;
export const ShareOfferList = z.object({ offers: z.array(ShareOffer) });
