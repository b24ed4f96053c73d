import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportJWK, generateKeyPair } from 'jose';
import { EXTENSION_SCOPES, Scope } from '../../protocol/account.ts';
import { HubPublicKey } from '../../protocol/hub-registration.ts';
import { JoinToken, Share } from '../../protocol/hubs.ts';
import { insertHubNotice } from '../../server/database/hub-notices.ts';
import { signInAdmins, type AdminCookies } from './support/admin.ts';
import { readProblem } from './support/api.ts';
import { heartbeat, joinWithoutNode, registration, type TestHub } from './support/hub.ts';
import { readOperations, type Operation } from './support/openapi.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

/**
 * Every route of the OpenAPI document with every kind of credential. A route without an expectation here fails, and so
 * does an expectation without a route.
 */
interface Expectation {
  /** Status with the right credential. */
  right: number;
  /** Status for another account, whose things these are not; `right` if the answer is about itself. */
  foreign: number | 'right';
  body?: (scene: Scene) => unknown;
  form?: Record<string, string>;
  /** Prepares what the path names beyond the hub. */
  prepare?: (scene: Scene) => Promise<Record<string, string>>;
}

const EXPECTED: Record<string, Expectation> = {
  'GET /v1/me': { right: 200, foreign: 'right' },
  'GET /v1/hubs': { right: 200, foreign: 'right' },
  'GET /v1/hubs/{id}': { right: 200, foreign: 404 },
  'PATCH /v1/hubs/{id}': { right: 200, foreign: 404, body: () => ({ name: 'new name' }) },
  'DELETE /v1/hubs/{id}': { right: 204, foreign: 404 },
  'POST /v1/hubs/{id}/browser-key': { right: 200, foreign: 404 },
  'POST /v1/hubs/{id}/rejoin-approval': { right: 200, foreign: 404 },
  'DELETE /v1/hubs/{id}/notices/{noticeId}': { right: 204, foreign: 404, prepare: addNotice },
  'GET /v1/hubs/{id}/browsers': { right: 200, foreign: 404 },
  // No browser is on the hub: with a real one, revocation.test.ts.
  'DELETE /v1/hubs/{id}/browsers/{nodeId}': {
    right: 404,
    foreign: 404,
    prepare: async () => ({ nodeId: '1' }),
  },
  'POST /v1/hubs/{id}/shares': {
    right: 201,
    foreign: 404,
    body: () => ({ email: 'carol@example.test' }),
  },
  'DELETE /v1/hubs/{id}/shares/{shareId}': {
    right: 204,
    foreign: 404,
    prepare: (scene) => offer(scene.alice, scene.hub, 'carol@example.test'),
  },
  'GET /v1/shares': { right: 200, foreign: 'right' },
  'POST /v1/shares/{shareId}/accept': { right: 200, foreign: 404, prepare: offerToAlice },
  'DELETE /v1/shares/{shareId}': { right: 204, foreign: 404, prepare: offerToAlice },
  'POST /v1/hubs/join-tokens': { right: 201, foreign: 'right' },
  'POST /v1/pairing-codes': { right: 201, foreign: 'right' },
  'POST /v1/hub/register': {
    right: 201,
    foreign: 'right',
    body: (scene) => registration(scene.publicKey),
  },
  'POST /v1/hub/key': { right: 200, foreign: 'right' },
  'POST /v1/hub/heartbeat': {
    right: 200,
    foreign: 'right',
    body: () => heartbeat(`nodekey:${'0'.repeat(64)}`),
  },
  // An admin's, by cookie. The account is made anew for each, so that changing it is not seen by the others.
  'GET /v1/admin/accounts': { right: 200, foreign: 403 },
  'PATCH /v1/admin/accounts/{id}': {
    right: 200,
    foreign: 403,
    body: () => ({ status: 'disabled' }),
    prepare: async () => ({ id: await newAccount() }),
  },
  'GET /v1/admin/invitations': { right: 200, foreign: 403 },
  'POST /v1/admin/invitations': {
    right: 201,
    foreign: 403,
    body: () => ({ email: 'dora@example.test' }),
  },
  'DELETE /v1/admin/invitations/{id}': { right: 204, foreign: 403, prepare: addInvitation },
  'GET /v1/admin/hubs': { right: 200, foreign: 403 },
  'DELETE /v1/admin/hubs/{id}': {
    right: 204,
    foreign: 403,
    prepare: async () => ({ id: (await test.registerHub(await signIn('bob'))).id }),
  },
  'GET /v1/admin/browsers': { right: 200, foreign: 403 },
  // No browser is there: with a real one, admin.test.ts.
  'DELETE /v1/admin/browsers/{nodeId}': {
    right: 404,
    foreign: 403,
    prepare: async () => ({ nodeId: '1' }),
  },
  'GET /v1/admin/keys': { right: 200, foreign: 403 },
  'GET /v1/admin/audit': { right: 200, foreign: 403 },
  'GET /v1/admin/audit/export': { right: 200, foreign: 403 },
  'GET /v1/admin/audit/verification': { right: 200, foreign: 403 },
  'GET /v1/admin/health': { right: 200, foreign: 403 },
  'POST /v1/admin/backups': { right: 201, foreign: 403 },
  // Doors for everybody: there is no wrong credential.
  'GET /.well-known/oauth-authorization-server': { right: 200, foreign: 'right' },
  'POST /oauth2/device_authorization': {
    right: 400,
    foreign: 'right',
    form: { client_id: 'none' },
  },
  'GET /healthz': { right: 200, foreign: 'right' },
  'GET /readyz': { right: 200, foreign: 'right' },
  'GET /v1/server': { right: 200, foreign: 'right' },
  'GET /install/manifest.json': { right: 200, foreign: 'right' },
  'POST /v1/pair': { right: 404, foreign: 'right', body: () => ({ code: '0000-0000' }) },
  'POST /oauth2/token': { right: 400, foreign: 'right', form: { grant_type: 'none' } },
  'POST /oauth2/revoke': { right: 200, foreign: 'right', form: { token: 'none' } },
};

let test: TestServer;
/** Cookies of the pages, by who is signed in there. */
let cookies: AdminCookies;
const accounts = new Map<string, string>();

/** What an operation is tried on. Those that change something have one of their own. */
interface Scene {
  alice: string;
  bob: string;
  hub: TestHub;
  publicKey: HubPublicKey;
}

beforeAll(async () => {
  test = await startTestServer();
  for (const name of ['alice', 'bob']) {
    accounts.set(name, (await test.door.createAccount(`${name}@example.test`)).id);
  }
  cookies = await signInAdmins(test);
});

afterAll(() => test?.stop());

async function signIn(name: string, scopes: readonly Scope[] = EXTENSION_SCOPES): Promise<string> {
  return (await test.services.identity.issueTokens(accounts.get(name) ?? '', scopes)).access_token;
}

async function newScene(): Promise<Scene> {
  const [alice, bob] = [await signIn('alice'), await signIn('bob')];
  const hub = await test.registerHub(alice);
  await joinWithoutNode(test.services.db, hub.id);
  const { publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  return { alice, bob, hub, publicKey: HubPublicKey.parse(await exportJWK(publicKey)) };
}

async function offer(token: string, hub: TestHub, email: string) {
  const body = { email };
  const path = `/v1/hubs/${hub.id}/shares`;
  return { shareId: (await test.api.ok(Share, 'POST', path, { token, body })).id };
}

async function offerToAlice({ bob }: Scene) {
  return offer(bob, await test.registerHub(bob), 'alice@example.test');
}

async function addNotice({ hub }: Scene) {
  const row = { hub_id: hub.id, kind: 'key-refused' as const, created_at_ms: Date.now() };
  await insertHubNotice(test.services.db, { id: hub.id, ...row });
  return { noticeId: hub.id };
}

async function joinToken(token: string): Promise<string> {
  return (await test.api.ok(JoinToken, 'POST', '/v1/hubs/join-tokens', { token })).token;
}

/** The token of each kind for an operation; undefined where there is none of the kind. */
async function credentials(operation: Operation, scene: Scene) {
  const needed = operation.scope;
  const everything = Scope.options.filter((scope) => scope !== needed);
  if (operation.scheme === 'joinToken') {
    const expired = await joinToken(scene.alice);
    await expire('join_tokens');
    return {
      right: await joinToken(scene.alice),
      expired,
      foreign: undefined, // a join token names no account but its own
      wrongScope: [scene.alice, await scene.hub.token()],
    };
  }
  if (needed === 'hub:self') {
    const expired = await scene.hub.token();
    await expire('access_tokens');
    const right = await (await test.registerHub(await signIn('alice'))).token();
    return { right, expired, foreign: undefined, wrongScope: [await signIn('alice')] };
  }
  const expired = await signIn('alice');
  await expire('access_tokens');
  return {
    right: await signIn('alice'),
    expired,
    foreign: await signIn('bob'),
    wrongScope: [await signIn('alice', everything), await scene.hub.token()],
  };
}

async function newAccount(): Promise<string> {
  return (await test.door.createAccount('erin@example.test')).id;
}

async function addInvitation() {
  const { invitations } = test.services;
  await invitations.invite(null, 'member', null);
  return { id: (await invitations.listOpen()).at(-1)?.id ?? '' };
}

/** What is tried at a door for admins: the header, and the status. Whatever changes something needs our own origin. */
async function adminTries(
  operation: Operation,
  { right, foreign }: Expectation,
): Promise<[string, Record<string, string>, number][]> {
  const origin = test.server.url;
  const isRead = operation.method === 'GET';
  const bearer = `Bearer ${await signIn('alice')}`;
  return [
    ['no cookie', { origin }, 401],
    ['garbage', { origin, cookie: 'hubtab.session_token=garbage' }, 401],
    ['expired', { origin, cookie: cookies.expired }, 401],
    ['a token', { origin, authorization: bearer }, 401],
    ['a member', { origin, cookie: cookies.member }, Number(foreign)],
    ['an admin with a password alone', { origin, cookie: cookies.weak }, 403],
    ['an admin of long ago', { origin, cookie: cookies.old }, 403],
    ...(isRead
      ? []
      : [
          ['another site', { origin: 'https://evil.test', cookie: cookies.admin }, 403] as [
            string,
            Record<string, string>,
            number,
          ],
        ]),
    ['right', { origin, cookie: cookies.admin }, right],
  ];
}

/** Ends all tokens there are, as time does. */
async function expire(table: 'access_tokens' | 'join_tokens'): Promise<void> {
  await test.services.db.updateTable(table).set({ expires_at_ms: 1 }).execute();
}

it('every route answers every credential as it should', async () => {
  const operations = await readOperations(test.api);
  expect(operations.map(({ name }) => name).sort()).toEqual(Object.keys(EXPECTED).sort());
  const wrong: string[] = [];
  const shared = await newScene();
  for (const operation of operations) {
    const expected = EXPECTED[operation.name];
    if (!expected) throw new Error(`invariant: ${operation.name} is expected`);
    const changes = operation.scheme === 'bearer' && operation.method !== 'GET';
    const scene = changes ? await newScene() : { ...shared, alice: await signIn('alice') };
    const named = { id: scene.hub.id, ...(await expected.prepare?.(scene)) };
    const path = operation.pathWith(named);
    const tries: [string, string | undefined, number][] = [];
    if (operation.scheme === 'adminCookie') {
      for (const [kind, headers, status] of await adminTries(operation, expected)) {
        const body = expected.body ? { body: expected.body(scene) } : {};
        const response = await test.api.call(operation.method, path, { headers, ...body });
        if (response.status !== status) {
          wrong.push(`${operation.name}, ${kind}: ${response.status}, expected ${status}`);
        }
        if (response.status >= 400) await readProblem(response);
      }
    } else if (operation.scheme === undefined) {
      tries.push(['no token', undefined, expected.right], ['garbage', 'garbage', expected.right]);
    } else {
      const tokens = await credentials(operation, scene);
      const refused = operation.scheme === 'joinToken' ? 401 : 403;
      tries.push(
        ['no token', undefined, 401],
        ['garbage', 'garbage', 401],
        ['expired', tokens.expired, 401],
        ...tokens.wrongScope.map(
          (token) => ['wrong scope', token, refused] as [string, string, number],
        ),
      );
      if (tokens.foreign !== undefined) {
        const status = expected.foreign === 'right' ? expected.right : expected.foreign;
        tries.push(['another account', tokens.foreign, status]);
      }
      tries.push(['right', tokens.right, expected.right]);
    }
    for (const [kind, token, status] of tries) {
      const response = await test.api.call(operation.method, path, {
        token,
        ...(expected.body ? { body: expected.body(scene) } : {}),
        ...(expected.form ? { form: expected.form } : {}),
      });
      if (response.status !== status) {
        wrong.push(`${operation.name}, ${kind}: ${response.status}, expected ${status}`);
      }
      if (response.status >= 400) await readProblem(response);
    }
  }
  expect(wrong).toEqual([]);
});
