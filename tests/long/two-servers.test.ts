import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../server/database/database.ts';
import { PostgresServer } from '../server/support/postgres.ts';
import { startTestServer, type TestServer } from '../server/support/test-server.ts';
import { until } from '../server/support/until.ts';
import { ServerProcess } from './server-process.ts';

let postgres: PostgresServer;
let headscale: TestServer;
let db: Database;
let settings: Parameters<ServerProcess['start']>[0];
const servers = [new ServerProcess(), new ServerProcess()] as const;

beforeAll(async () => {
  [postgres, headscale] = await Promise.all([PostgresServer.start(), startTestServer()]);
  const url = await postgres.createDatabase();
  db = await openDatabase(url);
  settings = {
    listen: '127.0.0.1:0',
    database: { url },
    headscale: {
      url: headscale.server.headscaleUrl,
      apiKeyFile: join(headscale.dataDir, 'headscale', 'api-key'),
    },
  };
});

afterAll(async () => {
  for (const server of servers) await server.remove();
  await db?.destroy();
  await headscale?.stop();
  await postgres?.stop();
});

it('one of two servers reconciles, and the other takes over when it is killed', async () => {
  // The Headscale is its own server's until then.
  await headscale.server.internals.reconciler.stop();
  for (const user of await headscale.services.headscale.listUsers()) {
    await headscale.services.headscale.deleteUser(user.id);
  }
  for (const server of servers) server.start(settings);
  const leader = await until('one leads', () =>
    servers.find((server) => server.log.includes('"leading"')),
  );
  const follower = servers.find((server) => server !== leader);
  if (!follower) throw new Error('invariant: two servers');
  await until('the other serves as well', () => follower.log.includes('"headscale-ready"'));
  await until('the leader has been at work', async () => {
    const users = await headscale.services.headscale.listUsers();
    return users.some((user) => user.name.startsWith('hubtab-'));
  });
  expect(follower.log).not.toContain('"leading"');
  await leader.kill();
  await until('the other leads', () => follower.log.includes('"leading"'), 30_000);
  // It does the work: a sentinel that vanished is missed.
  const users = await headscale.services.headscale.listUsers();
  const sentinel = users.find((user) => user.name.startsWith('hubtab-'));
  await headscale.services.headscale.deleteUser(sentinel?.id ?? '');
  await until(
    'it noticed',
    async () => {
      const found = await db.selectFrom('audit').select('event').execute();
      return found.some(({ event }) => event === 'headscale-reset-found');
    },
    30_000,
  );
});
