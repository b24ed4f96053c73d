import { createAdaptorServer } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeProofKey, prover, ServerClock } from '../../lib/dpop.ts';
import { anonymousClient, serverClient } from '../../lib/server-client.ts';
import { createTestApp, PUBLIC_URL, type TestApp } from '../server/support/test-app.ts';

let test: TestApp;
let url: string;
const server = createAdaptorServer({ fetch: (request) => test.app.fetch(request) });

beforeAll(async () => {
  test = await createTestApp();
  test.pass(Date.now() - test.nowMs()); // answers carry the real time
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => server.close());

it.each([-26, 3])(
  'a machine whose clock is %i hours off signs in, refreshes and asks',
  async (hours) => {
    const key = await makeProofKey();
    // Made anew for each: the service worker forgets what it learnt when it is stopped.
    const fresh = () =>
      prover(key, PUBLIC_URL, new ServerClock(() => Date.now() + hours * 3600_000));
    const { account } = await test.signUp(`ana${hours}@example.test`);
    const { code } = await test.identity.createPairingCode(account.id);
    const paired = await anonymousClient(url, fresh()).pair(code);
    if (!paired.ok) throw new Error(paired.error.detail);
    expect(paired.value.token_type).toBe('DPoP');
    const tokens = await anonymousClient(url, fresh()).refresh(paired.value.refresh_token ?? '');
    if (!tokens.ok) throw new Error(tokens.error.detail);
    const me = await serverClient(url, tokens.value.access_token, fresh()).me();
    expect(me).toMatchObject({ ok: true });
  },
);
