import type { HttpBindings } from '@hono/node-server';
import type { Account, Principal } from '../identity/identity.ts';

/** What middleware leaves for handlers; `Bindings` is node-server's and absent in app.request(). */
export interface AppEnvironment {
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    /** When the request came in, ms since 1970. */
    receivedAtMs: number;
    principal: Principal;
    /** Of routes that are an admin's. */
    admin: Account;
  };
}
