import { generateKeyPair, exportJWK } from 'jose';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDevelopmentDoor } from '../../server/development.ts';
import { startServer, type RunningServer } from '../../server/start.ts';

/** One account's hub, as the load uses it. */
export interface LoadedHub {
  token: string;
  hubId: string;
}

/** A real server with its Headscale and accounts with a hub each, for measurements. */
export interface LoadServer {
  server: RunningServer;
  hubs: LoadedHub[];
  stop(): Promise<void>;
}

/** Starts it in a directory of its own. The hubs count as joined, without machines. */
export async function startLoadServer(accounts: number): Promise<LoadServer> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'hubtab-load-'));
  const remove = () => rm(dataDir, { recursive: true, force: true });
  const server = await startServer(
    { dataDir, listen: '127.0.0.1:0', development: true, headscale: { listen: '127.0.0.1:0' } },
    { log: () => {} },
  ).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const stop = async () => {
    await server.stop();
    await remove();
  };
  try {
    const hubs: LoadedHub[] = [];
    for (let index = 0; index < accounts; index += 1) hubs.push(await makeHub(server, index));
    return { server, hubs, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeHub(server: RunningServer, index: number): Promise<LoadedHub> {
  const door = openDevelopmentDoor(server);
  const account = await door.createAccount(`account${index}@example.test`);
  const { publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const { x } = await exportJWK(publicKey);
  const { hubId } = await server.internals.services.enrolment.register(
    await door.createJoinToken(account.id),
    {
      name: `hub${index}`,
      publicKey: { kty: 'OKP', crv: 'Ed25519', x: x ?? '' },
      sshUser: 'dev',
      tmux: { path: '/usr/bin/tmux', socket: '/tmp/tmux-1000/default' },
      hubtabPath: '/usr/local/bin/hubtab',
    },
  );
  const node = { node_id: '999', node_key: 'nodekey:00', node_ip: '100.64.0.9' };
  await server.internals.services.db
    .updateTable('hubs')
    .set({ ...node, host_keys: '["a b"]' })
    .where('id', '=', hubId)
    .execute();
  return { token: door.mintAccessToken(account.id), hubId };
}
