import { requireScope } from '../middleware/bearer.ts';
import type { Services } from '../services.ts';

/** What a route says and does so that only tokens that may read hubs, or change them, get in. */
export function allowHubs({ identity }: Pick<Services, 'identity'>) {
  return {
    read: {
      security: [{ bearer: ['hubs:read'] }],
      middleware: requireScope(identity, 'hubs:read'),
    },
    write: {
      security: [{ bearer: ['hubs:write'] }],
      middleware: requireScope(identity, 'hubs:write'),
    },
  };
}
