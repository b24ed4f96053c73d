import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../server/database/database.ts';
import { PostgresServer } from '../server/support/postgres.ts';
import { startTestServer, type TestServer } from '../server/support/test-server.ts';
import { until } from '../server/support/until.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'server', 'main.ts');

let postgres: PostgresServer;
let headscale: TestServer;
let url: string;
let db: Database;
const children: ChildProcess[] = [];
const directories: string[] = [];

beforeAll(async () => {
  [postgres, headscale] = await Promise.all([PostgresServer.start(), startTestServer()]);
  url = await postgres.createDatabase();
  db = await openDatabase(url);
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await db?.destroy();
  await headscale?.stop();
  await postgres?.stop();
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** A server as a process of its own, on the shared database and Headscale. */
function startServer() {
  const dataDir = mkdtempSync(join(tmpdir(), 'hubtab-two-'));
  directories.push(dataDir);
  const settings = {
    listen: '127.0.0.1:0',
    database: { url },
    headscale: {
      url: headscale.server.headscaleUrl,
      apiKeyFile: join(headscale.dataDir, 'headscale', 'api-key'),
    },
  };
  writeFileSync(join(dataDir, 'hubtab.yaml'), stringify(settings));
  const child = spawn(process.execPath, [MAIN, 'start', '--data', dataDir], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  const server = { child, log: '' };
  child.stderr.on('data', (chunk: Buffer) => (server.log += chunk.toString()));
  return server;
}

it('one of two servers reconciles, and the other takes over when it is killed', async () => {
  // The Headscale is its own server's until then.
  await headscale.server.internals.reconciler.stop();
  for (const user of await headscale.services.headscale.listUsers()) {
    await headscale.services.headscale.deleteUser(user.id);
  }
  const servers = [startServer(), startServer()];
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
  leader.child.kill('SIGKILL');
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
