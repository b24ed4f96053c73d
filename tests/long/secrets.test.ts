import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXTENSION_SCOPES, PairingCode, TokenSet } from '../../protocol/account.ts';
import { BrowserKey, JoinToken } from '../../protocol/hubs.ts';
import {
  DEVICE_CODE_GRANT,
  DeviceAuthorization,
  EXTENSION_CLIENT_ID,
  EXTENSION_ID,
  extensionRedirectUri,
  HUB_CLIENT_ID,
} from '../../protocol/oauth.ts';
import { makeProofKey, prover, ServerClock } from '../../lib/dpop.ts';
import { createApp } from '../../server/app.ts';
import { runServerCli } from '../../server/cli.ts';
import { createServices } from '../../server/services.ts';
import { Api } from '../server/support/api.ts';
import { TestHub } from '../server/support/hub.ts';
import { TailscaleNode } from '../server/support/tailscale-node.ts';
import { PUBLIC_URL } from '../server/support/test-app.ts';
import { startTestServer, type TestServer } from '../server/support/test-server.ts';
import { until } from '../server/support/until.ts';
import { makePerson, Visitor } from '../../scripts/visitor.ts';

const EMAIL = 'ana@example.test';
const directory = mkdtempSync(join(tmpdir(), 'hubtab-secrets-'));
const nodes: TailscaleNode[] = [];
let test: TestServer;

beforeAll(async () => {
  test = await startTestServer();
});
afterAll(async () => {
  for (const node of nodes) await node.stop();
  await test?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Everything that people, browsers and hubs hold, by name. */
type Secrets = Record<string, string>;

/** One of everything that the server does, with what it hands out and what it is given. */
async function busyRun(): Promise<{ secrets: Secrets; cookies: string[] }> {
  const services = createServices({ ...test.services, publicUrl: PUBLIC_URL });
  const app = createApp(services);
  const api = new Api((path, init) => app.request(path, init));
  const secrets: Secrets = {};
  const keep = <T extends string>(name: string, value: T | undefined): T => {
    if (!value) throw new Error(`no ${name}`);
    secrets[name] = value;
    return value;
  };
  keep('setup token', await services.invitations.createSetupToken());
  const { id, password } = await makePerson({ services }, EMAIL);
  keep('password', password);
  keep('invitation', (await services.invitations.invite(null, 'member', null)).token);
  const visitor = new Visitor({ app, publicUrl: PUBLIC_URL });
  await visitor.signIn(EMAIL, password);
  const added = await (await visitor.post('/account/totp', { password })).text();
  keep('authenticator secret', /data-secret>([A-Z2-7]+)</.exec(added)?.[1]);
  const codes = [...added.matchAll(/<li>([\w-]{11})<\/li>/g)];
  for (const [index, [, code]] of codes.entries()) keep(`backup code ${index}`, code);

  // The extension: code with PKCE, tokens bound to a key, refreshed.
  const proofs = prover(await makeProofKey(), test.server.url, new ServerClock(services.clock));
  const verifier = keep('verifier', randomBytes(32).toString('base64url'));
  const query = new URLSearchParams({
    client_id: EXTENSION_CLIENT_ID,
    redirect_uri: extensionRedirectUri(EXTENSION_ID),
    response_type: 'code',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: keep('state', randomBytes(16).toString('base64url')),
  });
  const allowed = await visitor.post(`/oauth2/authorize?${query}`, { answer: 'allow' });
  const back = new URL(allowed.headers.get('location') ?? '');
  const form = {
    grant_type: 'authorization_code',
    client_id: EXTENSION_CLIENT_ID,
    redirect_uri: extensionRedirectUri(EXTENSION_ID),
    code_verifier: verifier,
    code: keep('authorization code', back.searchParams.get('code') ?? undefined),
  };
  const dpop = async (method: string, path: string, token?: string) => ({
    dpop: keep(`proof for ${path}`, await proofs.prove(method, path, token)),
  });
  const headers = await dpop('POST', '/oauth2/token');
  const first = await api.ok(TokenSet, 'POST', '/oauth2/token', { form, headers });
  const again = await api.ok(TokenSet, 'POST', '/oauth2/token', {
    form: {
      grant_type: 'refresh_token',
      refresh_token: keep('refresh token', first.refresh_token),
    },
    headers: await dpop('POST', '/oauth2/token'),
  });
  keep('access token', first.access_token);
  keep('second access token', again.access_token);
  keep('second refresh token', again.refresh_token);
  const bearer = (await services.identity.issueTokens(id, EXTENSION_SCOPES)).access_token;
  const token = keep('bearer token', bearer);
  const pairing = await api.ok(PairingCode, 'POST', '/v1/pairing-codes', { token });
  keep('pairing code', pairing.code);

  // Machines: join token, device grant, hub, its key and a browser's.
  keep('join token', (await api.ok(JoinToken, 'POST', '/v1/hubs/join-tokens', { token })).token);
  const device = await api.ok(DeviceAuthorization, 'POST', '/oauth2/device_authorization', {
    form: { client_id: HUB_CLIENT_ID, scope: 'hub:register', hostname: 'box' },
  });
  keep('device code', device.device_code);
  keep('user code', device.user_code);
  await api.call('POST', '/oauth2/token', {
    form: {
      grant_type: DEVICE_CODE_GRANT,
      device_code: device.device_code,
      client_id: HUB_CLIENT_ID,
    },
  });
  const hub = await TestHub.register(api, token, { audience: PUBLIC_URL });
  keep('client assertion', await hub.assertion());
  keep('hub token', await hub.token());
  const node = new TailscaleNode();
  nodes.push(node);
  await node.join(async () => {
    const key = await hub.key();
    keep('hub key', key.authKey);
    return key;
  });
  await hub.heartbeat(await node.nodeKey());
  const path = `/v1/hubs/${hub.id}/browser-key`;
  const key = await api.ok(BrowserKey, 'POST', path, {
    token,
    headers: { 'Idempotency-Key': keep('idempotency key', randomBytes(16).toString('hex')) },
  });
  keep('browser key', key.authKey);

  // And what goes wrong: secrets in places where they do not belong, with Headscale there and away.
  const misuse = async () => {
    for (const secret of Object.values(secrets)) {
      const text = encodeURIComponent(secret);
      await app.request(`/v1/hubs/${text}?cursor=${text}&token=${text}`, {
        headers: { authorization: `Bearer ${secret}`, cookie: `a=${secret}`, dpop: secret },
      });
      await api.call('POST', '/v1/pair', { body: { code: secret } });
      await api.call('POST', '/oauth2/revoke', { form: { token: `${secret}x` } });
      await app.request('/v1/pair', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': secret },
        body: `{"code": "${secret}`,
      });
      await new Visitor({ app, publicUrl: PUBLIC_URL }).post('/sign-in', {
        email: EMAIL,
        password: `${secret}x`,
      });
    }
  };
  await misuse();
  process.kill(test.server.headscalePid() ?? 0, 'SIGSTOP');
  await api.call('POST', path, { token });
  await misuse();
  process.kill(test.server.headscalePid() ?? 0, 'SIGKILL');
  await until('Headscale is back', async () => {
    const pid = test.server.headscalePid();
    return pid !== undefined && (await test.services.gate.check()).kind === 'open';
  });
  await test.server.internals.reconciler.round();
  return { secrets, cookies: [...visitor.cookies.values()] };
}

function filesIn(folder: string): { name: string; bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
}

it('after a busy run no secret is in a log, in a backup, or in what a backup holds', async () => {
  const { secrets, cookies } = await busyRun();
  expect(Object.keys(secrets).length).toBeGreaterThan(18);
  const own = ['secrets', 'seal.key', 'headscale/api-key', 'headscale/noise.key'].map((name) =>
    readFileSync(join(test.dataDir, name), 'latin1').trim(),
  );
  // Codes of eight letters are also looked for as they are typed without their dash.
  const dashless = ['pairing code', 'user code'].map((name) => secrets[name]?.replace('-', ''));
  const held = [...Object.values(secrets), ...dashless].filter((text) => text !== undefined);
  // A cookie is a number that the database knows and a signature that it does not.
  const signatures = cookies.flatMap((cookie) => decodeURIComponent(cookie).split('.').slice(1));
  const log = `${test.logs.join('\n')}\n${readFileSync(join(test.dataDir, 'headscale', 'headscale.log'), 'latin1')}`;
  expect(log).toContain('"event":"request"');
  for (const secret of [...held, ...own, ...cookies, ...signatures]) {
    expect([secret, log.includes(secret)]).toEqual([secret, false]);
  }
  expect(log).not.toMatch(/hskey-(?!\[)|\bht[arjicd]_\w|eyJ\w{20}/);

  const [backup, passphrase, restored] = ['b.age', 'passphrase', 'restored'].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  writeFileSync(passphrase, 'correct horse battery\n');
  const cli = (...args: string[]) => runServerCli([...args, '--passphrase-file', passphrase]);
  expect(await cli('backup', backup, '--data', test.dataDir)).toBe(0);
  const sealed = readFileSync(backup);
  for (const secret of [...held, ...own]) expect(sealed.includes(secret, 0, 'latin1')).toBe(false);
  expect(await cli('restore', backup, '--data', restored)).toBe(0);
  const found = filesIn(restored).flatMap(({ name, bytes }) =>
    [...held, ...signatures].filter((secret) => bytes.includes(secret)).map(() => name),
  );
  expect(found).toEqual([]);
});
