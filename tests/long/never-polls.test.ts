import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BrowserKey } from '../../protocol/hubs.ts';
import { Maintenance } from '../../server/units/maintenance.ts';
import { joinWithoutNode, type TestHub } from '../server/support/hub.ts';
import { startTestServer, type TestServer } from '../server/support/test-server.ts';

const run = promisify(execFile);
const WASM = join(import.meta.dirname, '..', '..', 'wasm');
const MINUTE_MS = 60_000;
let test: TestServer;
let hub: TestHub;

beforeAll(async () => {
  test = await startTestServer();
  hub = await test.registerHub(await test.signUp('alice@example.test'));
  await joinWithoutNode(test.services.db, hub.id);
});
afterAll(() => test?.stop());

const unitNodes = () => test.services.headscale.listNodes(`hub-${hub.id.toLowerCase()}`);

it('a browser that registers and never asks for its map is gone after ten minutes', async () => {
  const token = await test.signInAgain('alice@example.test');
  const path = `/v1/hubs/${hub.id}/browser-key`;
  const key = await test.api.ok(BrowserKey, 'POST', path, { token });
  await run(
    'go',
    ['run', './tools/registeronly', key.controlUrl, key.authKey, key.hostname],
    // Builds the client the first time.
    { cwd: WASM, env: { ...process.env, GOTOOLCHAIN: 'local' }, timeout: 5 * MINUTE_MS },
  );
  expect(await unitNodes()).toMatchObject([{ givenName: key.hostname, online: false }]);

  let nowMs = Date.now();
  const maintenance = new Maintenance({ ...test.services, clock: () => nowMs });
  await maintenance.sweep();
  expect(await unitNodes()).toHaveLength(1); // it may be on its way
  nowMs += 11 * MINUTE_MS;
  await maintenance.sweep();
  expect(await unitNodes()).toEqual([]);
});
