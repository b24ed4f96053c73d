import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openDevelopmentDoor } from '../../server/development.ts';
import { startServer } from '../../server/start.ts';
import type { ConfigInput } from '../../server/config.ts';

const OWNER = 'owner@example.test';

/**
 * The real control server with a real Headscale, and one account. The only place where these tests touch server/.
 * @param overrides with a `dataDir`, that is used and kept
 */
export async function startRealServer(overrides: Partial<ConfigInput> = {}) {
  const dataDir = overrides.dataDir ?? mkdtempSync(join(tmpdir(), 'hubtab-test-server-'));
  const clear = () => {
    if (overrides.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  };
  const log: string[] = [];
  const server = await startServer(
    {
      dataDir,
      listen: '127.0.0.1:0',
      development: true,
      ...overrides,
      headscale: {
        listen: '127.0.0.1:0',
        ...overrides.headscale,
        binary: join(import.meta.dirname, '..', '..', '.hubtab', 'bin', 'headscale'),
      },
    },
    { log: (level, event, fields) => log.push(JSON.stringify({ level, event, ...fields })) },
  ).catch((error: unknown) => {
    clear();
    throw error;
  });
  const door = openDevelopmentDoor(server);
  const users = await server.internals.services.identity.listUsers();
  const account = users.find(({ email }) => email === OWNER) ?? (await door.createAccount(OWNER));
  const accessToken = door.mintAccessToken(account.id);
  const nodeId = async (nodeKey: string): Promise<string> => {
    const nodes = await server.internals.services.headscale.listNodes();
    const node = nodes.find((each) => each.nodeKey === nodeKey);
    if (!node) throw new Error(`no node ${nodeKey}`);
    return node.id;
  };
  return {
    url: server.url,
    headscaleUrl: server.headscaleUrl,
    config: server.internals.config,
    log,
    createJoinToken: () => door.createJoinToken(account.id),
    /** Allows, or denies, what waits with a code, as the owner does on the page `/device`. */
    async decideDevice(userCode: string, isApproved: boolean): Promise<void> {
      const { deviceGrants } = server.internals.services;
      const waiting = await deviceGrants.find(userCode);
      if (!waiting) throw new Error(`nothing waits with ${userCode}`);
      await deviceGrants.decide(waiting, account.id, isApproved);
    },
    /** A request of the account; answers the JSON, or undefined where there is none. */
    async api(method: string, path: string): Promise<unknown> {
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${accessToken}` },
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    /** Deletes a node behind the hub's back, as an administrator of Headscale could. */
    async deleteHubNode(nodeKey: string): Promise<void> {
      await server.internals.services.headscale.deleteNode(await nodeId(nodeKey));
    },
    /** Ends a node's membership, as an administrator of Headscale could. */
    async expireHubNode(nodeKey: string): Promise<void> {
      await server.internals.services.headscale.expireNode(await nodeId(nodeKey));
    },
    /** The next keys are spent before anybody gets them, as by a login that was cut short after Headscale heard it. */
    spendNextKeys(count: number): void {
      const { headscale } = server.internals.services;
      const createKey = headscale.createKey.bind(headscale);
      let left = count;
      headscale.createKey = async (options) => {
        const key = await createKey(options);
        if ((left -= 1) === 0) headscale.createKey = createKey;
        const database = new DatabaseSync(join(dataDir, 'headscale', 'headscale.sqlite'));
        database.exec('PRAGMA busy_timeout = 10000');
        database.prepare('UPDATE pre_auth_keys SET used = 1 WHERE id = ?').run(key.id);
        database.close();
        return key;
      };
    },
    async stop(): Promise<void> {
      await server.stop();
      clear();
    },
  };
}
