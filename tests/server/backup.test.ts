import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HubList } from '../../protocol/hubs.ts';
import { verifyAudit } from '../../server/audit/audit.ts';
import { runServerCli } from '../../server/cli.ts';
import { newDatabase } from './support/database.ts';
import type { TestHub } from './support/hub.ts';
import { TailscaleNode } from './support/tailscale-node.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

const directory = mkdtempSync(join(tmpdir(), 'hubtab-backup-'));
const passphraseFile = join(directory, 'passphrase');
const backup = join(directory, 'backup.age');
const node = new TailscaleNode();
let test: TestServer;
let hub: TestHub;

beforeAll(async () => {
  writeFileSync(passphraseFile, 'correct horse battery\n');
  test = await startTestServer();
  hub = await test.registerHub(await test.signUp('alice@example.test'));
  await node.join(() => hub.key());
  expect(await hub.heartbeat(await node.nodeKey())).toEqual([]);
});

afterAll(async () => {
  await node.stop();
  await test?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function cli(...args: string[]): Promise<number> {
  return runServerCli([...args, '--passphrase-file', passphraseFile]);
}

describe('a backup', () => {
  it('is made beside the running server, encrypted and for its owner only', async () => {
    expect(await cli('backup', backup, '--data', test.dataDir)).toBe(0);
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    const bytes = readFileSync(backup);
    expect(bytes.subarray(0, 21).toString()).toBe('age-encryption.org/v1');
    expect(bytes.includes('alice@example.test')).toBe(false);
  });

  it('is not opened by another passphrase, and leaves nothing behind then', async () => {
    const wrong = join(directory, 'wrong');
    writeFileSync(wrong, 'incorrect horse battery\n');
    const target = join(directory, 'target');
    const restore = ['restore', backup, '--data', target, '--passphrase-file', wrong];
    expect(await runServerCli(restore)).toBe(1);
    expect(execFileSync('ls', [directory], { encoding: 'utf8' })).not.toContain('target');
  });

  it('is not restored over anything', async () => {
    expect(await cli('restore', backup, '--data', test.dataDir)).toBe(1);
  });

  it('is refused when it was changed', async () => {
    const bytes = readFileSync(backup);
    bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
    const changed = join(directory, 'changed.age');
    writeFileSync(changed, bytes);
    expect(await cli('restore', changed, '--data', join(directory, 'never'))).toBe(1);
  });

  it('brings hubs back on an empty machine without touching them', async () => {
    const address = new URL(test.server.url);
    const headscale = new URL(test.server.headscaleUrl).host;
    const nodeKey = await node.nodeKey();
    await test.server.stop(); // the old machine is gone

    const dataDir = join(directory, 'new');
    const database = await newDatabase();
    if (database !== ':memory:') process.env.HUBTAB_DATABASE_URL = database;
    try {
      expect(await cli('restore', backup, '--data', dataDir)).toBe(0);
    } finally {
      delete process.env.HUBTAB_DATABASE_URL;
    }
    const restored = await startTestServer({
      dataDir,
      listen: address.host,
      headscale: { listen: headscale },
      ...(database === ':memory:' ? {} : { database: { url: database } }),
    });
    try {
      const alice = await restored.signInAgain('alice@example.test');
      const online = await until('the hub is online again', async () => {
        const { hubs } = await restored.api.ok(HubList, 'GET', '/v1/hubs', { token: alice });
        return hubs.find(({ id, online }) => id === hub.id && online);
      });
      expect(online.id).toBe(hub.id);
      expect(await node.nodeKey()).toBe(nodeKey); // the same node: nobody did anything there
      expect(await hub.heartbeat(nodeKey)).toEqual([]);
      expect(await verifyAudit(restored.services.db)).toMatchObject({ ok: true });
      const events = await restored.services.db.selectFrom('audit').select('event').execute();
      expect(events.map(({ event }) => event)).toEqual(
        expect.arrayContaining(['backup-made', 'backup-restored']),
      );
    } finally {
      await restored.stop();
    }
  });
});
