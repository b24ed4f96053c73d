import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { PairingCode, PairRequest, TokenSet } from '../../protocol/account.ts';
import { recordAudit } from '../audit/audit.ts';
import type { CodeFailure } from '../identity/identity.ts';
import type { Services } from '../services.ts';
import { browserLabel } from '../identity/browser-label.ts';
import { accountOf, readProof, requireScope } from '../middleware/bearer.ts';
import { networkOf } from '../middleware/client-address.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { RateLimiter } from '../middleware/rate-limiter.ts';
import { ApiError } from '../problem.ts';
import { json, jsonBody, problems } from './describe.ts';

/** Room for typing errors. At ten guesses a minute, one of 2^40 codes is not found in the 10 minutes that it lives. */
const GUESSES = { burst: 10, refillMs: 6000 };

/** A person pairs one browser after the other; codes that lie about are doors. */
const CODES_PER_ACCOUNT = { burst: 30, refillMs: 60_000 };

export function pairingRoutes({ db, identity, clientAddress, clock }: Services) {
  const limiter = new RateLimiter(GUESSES, clock);
  const codes = new RateLimiter(CODES_PER_ACCOUNT, clock);
  const createPairingCode = createRoute({
    method: 'post',
    path: '/v1/pairing-codes',
    summary: 'A one-use code for another browser of the same account',
    security: [{ bearer: ['hubs:write'] }],
    middleware: requireScope(identity, 'hubs:write'),
    responses: { 201: json(PairingCode, 'The code'), ...problems },
  });
  const pair = createRoute({
    method: 'post',
    path: '/v1/pair',
    summary: 'Exchange a pairing code for tokens',
    request: jsonBody(PairRequest),
    responses: { 200: json(TokenSet, 'Tokens with the scopes of the extension'), ...problems },
  });
  return new OpenAPIHono<AppEnvironment>()
    .openapi(createPairingCode, async (c) => {
      const { id } = accountOf(c);
      codes.spend(id);
      const { code, expiresAtMs } = await identity.createPairingCode(id);
      return c.json({ code, expiresAt: new Date(expiresAtMs).toISOString() }, 201);
    })
    .openapi(pair, async (c) => {
      const address = clientAddress(c);
      limiter.spend(networkOf(address));
      const result = await identity.redeemPairingCode(c.req.valid('json').code, {
        label: browserLabel(c.req.header('user-agent')),
        address,
        keyThumbprint: await readProof(c, identity),
      });
      if (!result.ok) {
        const kind = 'pairing-code';
        const reason = result.error;
        await recordAudit(db, clock(), { event: 'sign-in-failed', kind, address, reason });
        throw codeError(reason);
      }
      limiter.refund(networkOf(address));
      return c.json(result.value, 200);
    });
}

function codeError(why: CodeFailure): ApiError {
  const what = {
    unknown: 'This pairing code is not known here. Check that it is typed as shown.',
    used: 'This pairing code was used already. Make a new one.',
    expired: 'This pairing code has expired; they live 10 minutes. Make a new one.',
  }[why];
  return new ApiError(`pairing-code-${why}`, what);
}
