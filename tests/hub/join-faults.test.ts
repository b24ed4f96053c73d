import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeJwt, importJWK, jwtVerify } from 'jose';
import { HubPublicKey, HubRegistration } from '../../protocol/hub-registration.ts';
import { HUBTAB, problem, startFaultServer } from './fault-server.ts';
import { HubHome } from './hub-home.ts';
import type { Answer } from './fault-server.ts';

const HUB_ID = '01JD0000000000000000000000';
const REGISTERED: Answer = {
  status: 201,
  body: { hubId: HUB_ID, name: 'box', issuer: 'http://127.0.0.1' },
};
const TOKEN: Answer = {
  status: 200,
  body: { access_token: 'hub-token', token_type: 'Bearer', expires_in: 300, scope: 'hub:self' },
};

let home: HubHome;
const stops: (() => Promise<void>)[] = [];
beforeEach(() => {
  home = new HubHome();
});
afterEach(async () => {
  await home.remove();
  for (const stop of stops.splice(0)) await stop();
});

async function serve(answers: Record<string, Answer>) {
  const server = await startFaultServer(answers);
  stops.push(server.stop);
  return server;
}

function joinHub(url: string, ...more: string[]) {
  return home.hubtab(['hub', 'join', url, '--token', 'htj_secret', '--name', 'box', ...more]);
}

describe('a join that fails', () => {
  it.each<[string, Record<string, Answer>, number, string]>([
    ['is no Hubtab server', {}, 4, 'is not a Hubtab server: it answered 404 to /v1/server'],
    [
      'is another JSON server',
      { 'GET /v1/server': { status: 200, body: { name: 'other' } } },
      4,
      'is not a Hubtab server',
    ],
    [
      'redirects',
      {
        'GET /v1/server': { status: 301, body: '', headers: { location: 'https://x.test/\u009b' } },
      },
      4,
      'it sends on to https://x.test/',
    ],
    [
      'does not know the token',
      {
        ...HUBTAB,
        'POST /v1/hub/register': problem(401, 'join-token-unknown', 'Unknown\u001B token.'),
      },
      5,
      'hubtab: Unknown  token.',
    ],
    [
      'has seen the token used',
      { ...HUBTAB, 'POST /v1/hub/register': problem(401, 'join-token-used', 'Used token.') },
      5,
      'hubtab: Used token.',
    ],
    [
      'says the token has expired',
      { ...HUBTAB, 'POST /v1/hub/register': problem(401, 'join-token-expired', 'Expired token.') },
      5,
      'hubtab: Expired token.',
    ],
    [
      'is full',
      { ...HUBTAB, 'POST /v1/hub/register': problem(409, 'conflict', 'Ten hubs.') },
      7,
      'hubtab: Ten hubs.',
    ],
    [
      'is newer and has another cause',
      { ...HUBTAB, 'POST /v1/hub/register': problem(426, 'hub-too-old', 'Update hubtab there.') },
      1,
      'hubtab: Update hubtab there.',
    ],
    [
      'answers in another form',
      { ...HUBTAB, 'POST /v1/hub/register': { status: 200, body: { id: 1 } } },
      1,
      'does not understand',
    ],
  ])('at a server that %s says so in one sentence', async (_name, answers, code, words) => {
    const server = await serve(answers);
    const result = await joinHub(server.url);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain(words);
    expect(result.stderr).not.toContain('    at ');
    expect(existsSync(join(home.stateDir, 'hub.json'))).toBe(false);
    // The token goes to nothing that has not said that it is a Hubtab server.
    const hasSentToken = server.seen.some((each) => each.authorization !== undefined);
    expect(hasSentToken).toBe(code !== 4);
  });

  it('because nothing listens there says so', async () => {
    const server = await serve({});
    await server.stop();
    stops.pop();
    const result = await joinHub(server.url);
    expect(result).toMatchObject({ code: 4 });
    expect(result.stderr).toContain(`cannot reach ${server.url}`);
    expect(result.stderr).toContain('ECONNREFUSED');
  });

  it.each([
    [['hub', 'join'], 'one server address is needed'],
    [['hub', 'join', 'hub.example.com', '--token', 'x'], 'not a server address'],
    [['hub', 'join', 'https://x.test', '--socket', '/s'], 'together with --system'],
    [['hub', 'join', 'https://x.test', '--token', 'a b'], 'holds spaces'],
    [['hub', 'join', 'https://x.test', '--token', 'a', '--token-file', 'b'], 'not both'],
    [['hub', 'join', 'https://x.test', '--bogus'], '--bogus'],
    [['hub', 'fly'], 'unknown command: hub fly'],
    [['fly\u001B[2J'], 'unknown command: fly?[2J'],
    [[], 'Usage:'],
  ])('because of the command line %j is a usage error', async (args, words) => {
    const result = await home.hubtab(args);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain(words);
  });

  it('because tmux is missing or too old says how to get it', async () => {
    const bin = join(home.path, 'bin');
    await home.ok('mkdir', [bin]);
    await home.ok('ln', ['-s', process.execPath, join(bin, 'node')]);
    const missing = await home.hubtab(['hub', 'join', 'https://x.test', '--token', 'x'], {
      env: { PATH: bin },
    });
    expect(missing).toMatchObject({ code: 6 });
    expect(missing.stderr).toContain(
      'tmux is not installed. Install it with `sudo apt install tmux`',
    );
    writeFileSync(join(bin, 'tmux'), '#!/bin/sh\necho tmux 3.1c\n', { mode: 0o755 });
    const old = await home.hubtab(['hub', 'join', 'https://x.test', '--token', 'x'], {
      env: { PATH: bin },
    });
    expect(old.stderr).toContain('is version "3.1c", Hubtab needs tmux 3.2 or later');
  });

  it('because tailscaled is not where it should be says where it looked', async () => {
    const result = await joinHub('https://x.test', '--tailscaled-dir', '/nowhere');
    expect(result).toMatchObject({ code: 6 });
    expect(result.stderr).toContain('no tailscale and tailscaled in "/nowhere"');
  });

  it.runIf(process.getuid?.() === 0)('because it runs as root says why', () => {
    const main = join(import.meta.dirname, '..', '..', 'hub', 'main.ts');
    const args = [main, 'hub', 'join', 'https://x.test', '--token', 'x'];
    expect(() => execFileSync(process.execPath, args, { env: home.env, stdio: 'pipe' })).toThrow(
      'lets nobody in as root',
    );
  });
});

describe('a join that is interrupted after it was registered', () => {
  it('keeps its key and its id, and the next run goes on without the token', async () => {
    const server = await serve({
      ...HUBTAB,
      'POST /v1/hub/register': REGISTERED,
      'POST /oauth2/token': TOKEN,
      'POST /v1/hub/key': problem(503, 'headscale-unavailable', 'Headscale does not answer.'),
    });
    const first = await joinHub(server.url);
    expect(first).toMatchObject({ code: 8 });
    expect(first.stderr).toContain('Headscale does not answer.');
    const second = await home.hubtab(['hub', 'join', server.url]);
    expect(second.stderr).toContain('Already joined');
    expect((await home.hubtab(['hub', 'up'])).code).toBe(8);
    expect(server.seen.filter((each) => each.route === 'POST /v1/hub/register')).toHaveLength(1);
    const elsewhere = await joinHub('https://other.test');
    expect(elsewhere).toMatchObject({ code: 7 });
    expect(elsewhere.stderr).toContain('`hubtab hub leave`');
    // Nothing of ours is readable for others, and no temporary file is left.
    for (const name of readdirSync(home.stateDir)) {
      expect([name, statSync(join(home.stateDir, name)).mode & 0o077]).toEqual([name, 0]);
    }
    expect(readdirSync(home.stateDir).sort()).toEqual(['bin', 'hub-key.json', 'hub.json']);
    expect((await home.hubtab(['hub', 'leave'])).code).toBe(0);
    expect(readdirSync(home.stateDir)).toEqual([]);
    expect((await home.hubtab(['hub', 'leave'])).code).toBe(0);
    expect((await home.hubtab(['hub', 'up'])).code).toBe(3);
  });

  it('uses the key of a run that was killed before it knew its id', async () => {
    const refused = await serve({
      ...HUBTAB,
      'POST /v1/hub/register': { status: 500, body: 'x', type: 'text/plain' },
    });
    await joinHub(refused.url);
    const again = await serve({ ...HUBTAB, 'POST /v1/hub/register': REGISTERED });
    await joinHub(again.url);
    const keyOf = (body: string | undefined) =>
      HubRegistration.parse(JSON.parse(body ?? '')).publicKey;
    expect(keyOf(refused.seen[1]?.body)).toEqual(keyOf(again.seen[1]?.body));
    expect(again.seen[1]?.authorization).toBe('Bearer htj_secret');
  });

  it('reads the token from a file and from stdin without showing it', async () => {
    const server = await serve({ ...HUBTAB, 'POST /v1/hub/register': REGISTERED });
    mkdirSync(join(home.path, 'secret'));
    writeFileSync(join(home.path, 'secret', 'token'), 'htj_from_file\n');
    const file = join(home.path, 'secret', 'token');
    const { stderr } = await home.hubtab(['hub', 'join', server.url, '--token-file', file]);
    expect(stderr).not.toContain('htj_');
    expect(server.seen[1]?.authorization).toBe('Bearer htj_from_file');
    await home.hubtab(['hub', 'leave']);
    const args = ['hub', 'join', server.url, '--token-file', '-'];
    await home.hubtab(args, { input: ' htj_from_stdin\n' });
    expect(
      server.seen.filter((each) => each.route === 'POST /v1/hub/register').at(-1)?.authorization,
    ).toBe('Bearer htj_from_stdin');
  });

  it('signs in with an assertion that its public key verifies, once', async () => {
    const server = await serve({
      ...HUBTAB,
      'POST /v1/hub/register': REGISTERED,
      'POST /oauth2/token': TOKEN,
    });
    await joinHub(server.url);
    await home.hubtab(['hub', 'up']);
    const registration = server.seen.find((each) => each.route === 'POST /v1/hub/register');
    const publicKey = HubPublicKey.parse(
      (JSON.parse(registration?.body ?? '') as { publicKey: unknown }).publicKey,
    );
    const forms = server.seen
      .filter((each) => each.route === 'POST /oauth2/token')
      .map((each) => new URLSearchParams(each.body));
    expect(
      forms.map((form) => [form.get('grant_type'), form.get('client_assertion_type')]),
    ).toEqual(
      Array.from({ length: 2 }, () => [
        'client_credentials',
        'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      ]),
    );
    const [first = '', second = ''] = forms.map((form) => form.get('client_assertion') ?? '');
    const { payload } = await jwtVerify(first, await importJWK(publicKey, 'EdDSA'), {
      issuer: HUB_ID,
      subject: HUB_ID,
      audience: 'http://127.0.0.1',
      algorithms: ['EdDSA'],
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
    expect(decodeJwt(second).jti).not.toBe(payload.jti);
  });
});
