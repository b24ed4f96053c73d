import { EXTENSION_SCOPES } from '../protocol/account.ts';
import { isLoopbackHost } from './config.ts';
import type { Account } from './identity/identity.ts';
import type { RunningServer } from './start.ts';

/** What `npm run stack` may do without a person. */
export interface DevelopmentDoor {
  /** @throws when there is such an account */
  createAccount(email: string, role?: Account['role']): Promise<Account>;
  /** An access token with the scopes of the extension, valid as long as the process, written nowhere. */
  mintAccessToken(accountId: string): string;
  /** A join token, as `POST /v1/hubs/join-tokens` makes it. */
  createJoinToken(accountId: string): Promise<string>;
}

/**
 * Opens the door for `npm run stack`. No HTTP route leads here.
 * @throws unless the server was started with `development: true` and listens on loopback
 */
export function openDevelopmentDoor(server: RunningServer): DevelopmentDoor {
  const { config, services, memoryTokens } = server.internals;
  if (!config.development || !memoryTokens || !isLoopbackHost(config.listen.host)) {
    throw new Error('development: this door exists only with `development: true` on loopback');
  }
  const { identity, enrolment } = services;
  return {
    async createAccount(email, role = 'member') {
      const result = await identity.createUser(email, role);
      if (!result.ok) throw new Error(`there is an account ${email} already`);
      return result.value;
    },
    mintAccessToken: (accountId) => memoryTokens.mint(accountId, EXTENSION_SCOPES),
    async createJoinToken(accountId) {
      const account = (await identity.listUsers()).find((user) => user.id === accountId);
      if (!account) throw new Error(`there is no account ${accountId}`);
      return (await enrolment.createJoinToken(account)).token;
    },
  };
}
