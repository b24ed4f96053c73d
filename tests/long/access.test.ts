import { afterAll, beforeAll, expect, it } from 'vitest';
import { TokenSet } from '../../protocol/account.ts';
import { BrowserKey } from '../../protocol/hubs.ts';
import { TailscaleNode } from '../server/support/tailscale-node.ts';
import { startTestServer, type TestServer } from '../server/support/test-server.ts';
import { until } from '../server/support/until.ts';

let test: TestServer;
let hubNode: TailscaleNode;
let hubId: string;
let accountId: string;
const nodes: TailscaleNode[] = [];

beforeAll(async () => {
  test = await startTestServer();
  const account = await test.door.createAccount('ana@example.test');
  accountId = account.id;
  const hub = await test.registerHub(test.door.mintAccessToken(accountId));
  hubId = hub.id;
  hubNode = newNode();
  await hubNode.join(() => hub.key());
  await hub.heartbeat(await hubNode.nodeKey());
});

afterAll(async () => {
  for (const node of nodes) await node.stop();
  await test?.stop();
});

function newNode(): TailscaleNode {
  const node = new TailscaleNode();
  nodes.push(node);
  return node;
}

/** A sign-in of an extension, with a live node in the unit of the hub and a key that is not used yet. */
async function signIn() {
  const { code } = await test.services.identity.createPairingCode(accountId);
  const tokens = await test.api.ok(TokenSet, 'POST', '/v1/pair', { body: { code } });
  const mint = () =>
    test.api.ok(BrowserKey, 'POST', `/v1/hubs/${hubId}/browser-key`, {
      token: tokens.access_token,
      body: {},
    });
  const node = newNode();
  await node.join(() => mint());
  const key = await node.nodeKey();
  await until('the hub sees the browser', async () => (await hubNode.peers()).includes(key));
  const isLive = async () => (await hubNode.peers()).includes(key);
  return { tokens, unused: await mint(), isLive };
}

type SignedIn = Awaited<ReturnType<typeof signIn>>;

/** What is left of a sign-in: its token, its live node, its unused key. */
async function rest({ tokens, unused, isLive }: SignedIn) {
  const { status } = await test.api.call('GET', '/v1/me', { token: tokens.access_token });
  const late = newNode();
  const joined = await late.join(unused).then(
    () => true,
    () => false,
  );
  return { token: status === 200, node: await isLive(), key: joined };
}

/** Runs what ends access, and waits until the hub no longer sees the browser. */
async function end(signedIn: SignedIn, work: () => Promise<void>): Promise<void> {
  await work();
  // Two seconds are promised; the wait has room for a busy machine.
  await until('the node is gone', async () => !(await signedIn.isLive()), 10_000);
}

const NOTHING = { token: false, node: false, key: false };

it('ending one sign-in leaves the others alone', async () => {
  const first = await signIn();
  const second = await signIn();
  const [newest, oldest] = await test.services.identity.listGrants(accountId);
  await test.services.access.endGrant('another account', oldest?.id ?? '');
  expect(await first.isLive()).toBe(true);
  await end(first, () => test.services.access.endGrant(accountId, oldest?.id ?? ''));
  expect(await rest(first)).toEqual(NOTHING);
  expect(await second.isLive()).toBe(true);
  await end(second, () => test.services.access.endGrant(accountId, newest?.id ?? ''));
});

it('a signed-out extension leaves nothing behind', async () => {
  const signedIn = await signIn();
  const form = { token: signedIn.tokens.refresh_token ?? '' };
  await end(signedIn, async () => {
    await test.api.call('POST', '/oauth2/revoke', { form });
  });
  expect(await rest(signedIn)).toEqual(NOTHING);
});

it('a refresh token that is used twice ends everything that its sign-in brought', async () => {
  const signedIn = await signIn();
  const form = {
    grant_type: 'refresh_token',
    refresh_token: signedIn.tokens.refresh_token ?? '',
  };
  await end(signedIn, async () => {
    for (let use = 0; use < 2; use += 1) await test.api.call('POST', '/oauth2/token', { form });
  });
  expect(await rest(signedIn)).toEqual(NOTHING);
});

it('signing out everywhere ends all sign-ins, and the hub stays', async () => {
  const signedIn = await signIn();
  await end(signedIn, () => test.services.access.signOutEverywhere(accountId));
  expect(await rest(signedIn)).toEqual(NOTHING);
  expect((await hubNode.status()).BackendState).toBe('Running');
});

it('disabling an account ends all sign-ins and lets nobody in again', async () => {
  const signedIn = await signIn();
  await end(signedIn, () => test.services.access.disable(accountId, accountId));
  expect(await rest(signedIn)).toEqual(NOTHING);
  expect((await hubNode.status()).BackendState).toBe('Running');
});
