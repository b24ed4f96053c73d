import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clickSession, openPopup, signIn, typeLine, whenScreen } from '../../scripts/driver.ts';
import { firstHub, useStage } from '../e2e/stage.ts';
import { makeCertificate, PROXIES, removeCertificate, startProxy } from './proxies.ts';

/** Routes of Headscale's listener (hscontrol/app.go) that are not for the Internet, and our own metrics. */
const HIDDEN = [
  '/api/v1/user',
  '/api/v1/node',
  '/api/v1/apikey',
  '/api/v1/preauthkey',
  '/api/v1/policy',
  '/swagger',
  '/swagger/v1/openapiv2.json',
  '/register/nodekey:0',
  '/auth/x',
  '/oidc/callback',
  '/verify',
  '/bootstrap-dns',
  '/version',
  '/health',
  '/apple',
  '/apple/ios',
  '/windows',
  '/debug/pprof/heap',
  '/debug/vars',
  '/metrics',
];

/** The same path as somebody writes it who wants to get past a rule. */
function spellings(path: string): string[] {
  return [
    path,
    `/${path}`,
    `/key/..${path}`,
    `/derp/..${path}`,
    `/derp/%2e%2e${path}`,
    `/derp/..%2f${path.slice(1)}`,
    `/ts2021/..;${path}`,
    `/%${(path.codePointAt(1) ?? 0).toString(16)}${path.slice(2)}`,
    `${path}?x=/key`,
    `${path}#/key`.replace('#', '%23'),
  ];
}

/** As it is: `fetch` would tidy the path up first. */
function rawStatus(host: string, port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, path, rejectUnauthorized: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });
}

/** The server and Headscale under one https origin, by the configurations in `deploy/`. */
const certificate = await makeCertificate();
afterAll(() => removeCertificate(certificate));

describe.each(PROXIES)('behind %s', (proxy) => {
  const stage = useStage({
    accounts: 1,
    hubs: 1,
    front: (ports) => startProxy(proxy, certificate, ports),
    trustedKey: certificate.spki,
  });
  beforeAll(async () => {
    await firstHub(stage).hub.tmux('new-session', '-d', '-s', 'work');
  });

  test('a terminal opens over https and wss', async () => {
    const { browser, stack } = stage;
    expect(stack.info.serverUrl).toMatch(/^https:/);
    expect(stack.info.headscaleUrl).toBe(stack.info.serverUrl);
    await signIn(browser, stack.info);
    const popup = await openPopup(browser);
    const terminal = await clickSession(browser, popup, firstHub(stage).id, 'work');
    await typeLine(terminal, 'echo $((6 * 7))-answers');
    await whenScreen(terminal, /^42-answers/);
  });

  test('what is not for everybody is not behind it, however it is spelled', async () => {
    const { hostname, port } = new URL(stage.stack.info.serverUrl);
    const answers: string[] = [];
    for (const path of HIDDEN.flatMap(spellings)) {
      answers.push(`${await rawStatus(hostname, Number(port), path)} ${path}`);
    }
    // 400: the proxy refuses the spelling itself.
    expect(answers.filter((answer) => !/^(400|404) /.test(answer))).toEqual([]);
  });

  test('the paths that hubs and browsers need are Headscale itself', async () => {
    const key = await fetch(new URL('/key?v=142', stage.stack.info.serverUrl));
    expect(await key.json()).toMatchObject({ publicKey: expect.stringMatching(/^mkey:/) });
    const probe = await fetch(new URL('/derp/probe', stage.stack.info.serverUrl));
    expect(probe.headers.get('access-control-allow-origin')).toBe('*');
    await probe.body?.cancel();
  });
});
