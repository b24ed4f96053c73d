import { rmSync } from 'node:fs';
import { mergeSettings, readSettings } from '../../../server/config-sources.ts';
import type { ConfigInput } from '../../../server/config.ts';
import { openDevelopmentDoor } from '../../../server/development.ts';
import { jsonLog } from '../../../server/log.ts';
import { startServer } from '../../../server/start.ts';
import { Api } from './api.ts';
import { newDataDirectory } from './database.ts';
import { TestHub } from './hub.ts';
import { requireBinary } from './tailscale-node.ts';

export interface TestServerOptions {
  headscale?: ConfigInput['headscale'];
  dataDir?: string;
  /** If unset, the system chooses the port. */
  listen?: string;
  shards?: ConfigInput['shards'];
  database?: ConfigInput['database'];
  clock?: () => number;
  /** If unset, the address it listens on: an IP address, to which no passkey can belong. */
  publicUrl?: string;
}

/** A server with a real Headscale, on free ports, in a directory of its own. */
export async function startTestServer(options: TestServerOptions = {}) {
  requireBinary('headscale');
  const dataDir = options.dataDir ?? (await newDataDirectory('server'));
  const logs: string[] = [];
  const server = await startServer(
    mergeSettings(readSettings(dataDir, {}), {
      listen: options.listen ?? '127.0.0.1:0',
      ...(options.publicUrl ? { publicUrl: options.publicUrl } : {}),
      ...(options.database ? { database: options.database } : {}),
      ...(options.shards ? { shards: options.shards } : {}),
      development: true,
      headscale: { listen: '127.0.0.1:0', ...options.headscale },
    }) as ConfigInput,
    {
      log: jsonLog((line) => logs.push(line)),
      ...(options.clock ? { clock: options.clock } : {}),
    },
  ).catch((error: unknown) => {
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    throw error;
  });
  const door = openDevelopmentDoor(server);
  const api = new Api((path, init) => fetch(server.url + path, init));
  return {
    server,
    door,
    api,
    logs,
    dataDir,
    services: server.internals.services,
    /** A new account; @returns an access token for it */
    async signUp(email: string): Promise<string> {
      return door.mintAccessToken((await door.createAccount(email)).id);
    },
    /** An access token for an account that is there. */
    async signInAgain(email: string): Promise<string> {
      const accounts = await server.internals.services.identity.listUsers();
      const account = accounts.find((each) => each.email === email);
      if (!account) throw new Error(`there is no account ${email}`);
      return door.mintAccessToken(account.id);
    },
    registerHub: (accessToken: string, name?: string) =>
      TestHub.register(api, accessToken, {
        audience: options.publicUrl ?? server.url,
        ...(name ? { name } : {}),
      }),
    async stop() {
      await server.stop();
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export type TestServer = Awaited<ReturnType<typeof startTestServer>>;
