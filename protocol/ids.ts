import { z } from 'zod';

/** Id of an account, a hub, or a row the API shows: a ULID, so ids sort by age and tell nothing else. */
export const Ulid = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'expected a 26-character ULID');

export const HubId = Ulid;
export type HubId = z.infer<typeof HubId>;
