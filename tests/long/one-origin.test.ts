import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clickSession, openPopup, signIn, typeLine, whenScreen } from '../../scripts/driver.ts';
import { firstHub, useStage } from '../e2e/stage.ts';
import { makeCertificate, PROXIES, removeCertificate, startProxy } from './proxies.ts';

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

  test.each(['/api/v1/user', '/api/v1/apikey', '/swagger', '/metrics', '/register/nodekey:0'])(
    'what is not for everybody is not behind it: %s',
    async (path) => {
      const response = await fetch(new URL(path, stage.stack.info.serverUrl));
      expect(response.status).toBe(404);
      await response.body?.cancel();
    },
  );

  test('the paths that hubs and browsers need are Headscale itself', async () => {
    const key = await fetch(new URL('/key?v=142', stage.stack.info.serverUrl));
    expect(await key.json()).toMatchObject({ publicKey: expect.stringMatching(/^mkey:/) });
    const probe = await fetch(new URL('/derp/probe', stage.stack.info.serverUrl));
    expect(probe.headers.get('access-control-allow-origin')).toBe('*');
    await probe.body?.cancel();
  });
});
