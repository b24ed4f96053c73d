import { z } from '@hono/zod-openapi';
import { sameOrigin } from '../pages/guard.ts';
import { requireAdmin } from '../middleware/admin.ts';
import type { Services } from '../services.ts';

/** What a route says and does so that only admins get in who just proved who they are. */
export function allowAdmins(services: Services) {
  const security = [{ adminCookie: [] }];
  const admin = requireAdmin(services);
  return {
    read: { security, middleware: admin },
    /** A cookie comes with every request, so whatever changes something must come from our own pages. */
    write: { security, middleware: [admin, sameOrigin(services)] },
  };
}

/** Rows on one page, unless the client asks for fewer or more. */
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 200;

export const ListQuery = z.object({
  cursor: z.string().max(200).optional().describe('nextCursor of the page before'),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
});

/** Any text: an id that is not one of ours is simply not found. */
export const IdParams = z.object({ id: z.string() });

/** As {@link ListQuery} was parsed: absent is undefined. */
export function toPage(query: z.infer<typeof ListQuery>) {
  return { cursor: query.cursor, limit: query.limit };
}
