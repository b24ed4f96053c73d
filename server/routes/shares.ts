import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { Hub, Share } from '../../protocol/hubs.ts';
import { ShareOfferList, ShareRequest } from '../../protocol/shares.ts';
import type { Services } from '../services.ts';
import { accountOf } from '../middleware/bearer.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { RateLimiter } from '../middleware/rate-limiter.ts';
import { allowHubs } from './allow.ts';
import { json, jsonBody, problems } from './describe.ts';

/** A person shares with a few others. More would be somebody who tries addresses, or sends offers nobody asked for. */
const OFFERS_PER_ACCOUNT = { burst: 20, refillMs: 60_000 };

const ShareParams = z.object({ shareId: z.string() });

export function shareRoutes(services: Services) {
  const { shares, hubs, clock } = services;
  const limiter = new RateLimiter(OFFERS_PER_ACCOUNT, clock);
  const { offer, endShare, listOffers, accept, decline } = describeRoutes(services);
  return new OpenAPIHono<AppEnvironment>()
    .openapi(offer, async (c) => {
      const account = accountOf(c);
      limiter.spend(account.id);
      const { email } = c.req.valid('json');
      return c.json(await shares.offer(c.req.valid('param').id, account, email), 201);
    })
    .openapi(endShare, async (c) => {
      const { id, shareId } = c.req.valid('param');
      await shares.end(id, accountOf(c), shareId);
      return c.body(null, 204);
    })
    .openapi(listOffers, async (c) => c.json({ offers: await shares.offersTo(accountOf(c)) }, 200))
    .openapi(accept, async (c) => {
      const account = accountOf(c);
      const hubId = await shares.accept(account, c.req.valid('param').shareId);
      return c.json(await hubs.get(hubId, account.id), 200);
    })
    .openapi(decline, async (c) => {
      await shares.decline(accountOf(c), c.req.valid('param').shareId);
      return c.body(null, 204);
    });
}

function describeRoutes(services: Services) {
  const { read, write } = allowHubs(services);
  return {
    offer: createRoute({
      ...write,
      method: 'post',
      path: '/v1/hubs/{id}/shares',
      summary: 'Offer a hub to another account; the answer does not tell whether there is one',
      request: { params: z.object({ id: z.string() }), ...jsonBody(ShareRequest) },
      responses: { 201: json(Share, 'The offer'), ...problems },
    }),
    endShare: createRoute({
      ...write,
      method: 'delete',
      path: '/v1/hubs/{id}/shares/{shareId}',
      summary: 'Take a share back, or leave a shared hub; cuts the browsers of the guest off',
      request: { params: ShareParams.extend({ id: z.string() }) },
      responses: { 204: { description: 'Ended' }, ...problems },
    }),
    listOffers: createRoute({
      ...read,
      method: 'get',
      path: '/v1/shares',
      summary: 'Hubs that others offer to this account',
      responses: { 200: json(ShareOfferList, 'The open offers'), ...problems },
    }),
    accept: createRoute({
      ...write,
      method: 'post',
      path: '/v1/shares/{shareId}/accept',
      summary: 'Accept an offer; from then on the hub is in the list',
      request: { params: ShareParams },
      responses: { 200: json(Hub, 'The hub'), ...problems },
    }),
    decline: createRoute({
      ...write,
      method: 'delete',
      path: '/v1/shares/{shareId}',
      summary: 'Decline an offer, or leave a shared hub',
      request: { params: ShareParams },
      responses: { 204: { description: 'Declined' }, ...problems },
    }),
  };
}
