import { z } from 'zod';
import { Ulid } from './ids.ts';

/** What a token may do. The extension holds the first three, a hub `hub:self`, a machine that asks to become one `hub:register`. */
export const Scope = z.enum(['hubs:read', 'hubs:write', 'keys:issue', 'hub:self', 'hub:register']);
export type Scope = z.infer<typeof Scope>;

/** Scopes of the browser extension. */
export const EXTENSION_SCOPES: readonly Scope[] = ['hubs:read', 'hubs:write', 'keys:issue'];

/** `GET /v1/me`. */
export const Me = z.object({
  id: Ulid,
  email: z.email(),
  roles: z.array(z.enum(['admin', 'member'])),
  limits: z.object({
    /** Hubs it may register. */
    hubs: z.number().int(),
    /** Live browsers it may have on one hub. */
    browsersPerHub: z.number().int(),
    /** Accounts it may share one hub with, open offers included. */
    sharesPerHub: z.number().int(),
    /** Join tokens that may be open at once. */
    joinTokens: z.number().int(),
  }),
});
export type Me = z.infer<typeof Me>;

/** `POST /v1/pairing-codes`: exchanged once by the extension for tokens. */
export const PairingCode = z.object({ code: z.string(), expiresAt: z.iso.datetime() });
export type PairingCode = z.infer<typeof PairingCode>;

/** `POST /v1/pair`. Codes are read aloud and typed: case, spaces and dashes do not matter. */
export const PairRequest = z.object({ code: z.string().min(1).max(64) });

/** Answer of `POST /v1/pair`, and of `POST /oauth2/token` for a refresh (RFC 6749 section 5.1 names). */
export const TokenSet = z.object({
  access_token: z.string(),
  /** `DPoP` when the request carried a proof (RFC 9449): the token then works only with the key that signed it. */
  token_type: z.enum(['Bearer', 'DPoP']),
  /** Seconds until the access token ends. */
  expires_in: z.number().int().positive(),
  /** Absent for hubs, which sign a new assertion instead. */
  refresh_token: z.string().optional(),
  scope: z.string(),
});
export type TokenSet = z.infer<typeof TokenSet>;
