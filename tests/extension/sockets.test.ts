import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  allowControl,
  installFetch,
  meantAddress,
} from '../../entrypoints/offscreen/control-servers.ts';
import { legalCloseCode } from '../../entrypoints/offscreen/sockets.ts';

describe('the address that is meant', () => {
  const dial = (asked: string, ...controls: string[]) =>
    meantAddress(
      asked,
      controls.map((control) => new URL(control)),
    )?.href;

  test('a relay on a plain http server is dialled without TLS', () => {
    expect(dial('wss://127.0.0.1:8085/derp', 'http://127.0.0.1:8085')).toBe(
      'http://127.0.0.1:8085/derp',
    );
  });

  test('the port that Go drops comes back', () => {
    expect(dial('wss://hubs.example/ts2021?x=1', 'https://hubs.example:8443')).toBe(
      'https://hubs.example:8443/ts2021?x=1',
    );
  });

  test('a server on its own port is left alone', () => {
    expect(
      dial('wss://hubs.example/ts2021', 'https://hubs.example', 'https://hubs.example:8443'),
    ).toBe('https://hubs.example/ts2021');
  });

  test('a probe of a relay goes to its port, on an http server without TLS', () => {
    expect(dial('https://hubs.example/derp/probe', 'https://hubs.example:8443')).toBe(
      'https://hubs.example:8443/derp/probe',
    );
    expect(dial('https://127.0.0.1/derp/probe', 'http://127.0.0.1:8085')).toBe(
      'http://127.0.0.1:8085/derp/probe',
    );
  });

  test('a host of no unit is refused', () => {
    expect(dial('wss://derp1.tailscale.example/derp', 'https://hubs.example')).toBeUndefined();
    expect(dial('https://hubs.example//evil.example/x', 'https://hubs.example')).toBe(
      'https://hubs.example//evil.example/x',
    );
    expect(dial('https://log.tailscale.example/c/x', 'https://hubs.example')).toBeUndefined();
    expect(dial('wss://127.0.0.1:9/derp', 'http://127.0.0.1:8085')).toBeUndefined();
  });
});

test('close codes become ones that browsers take', () => {
  expect([undefined, 1000, 1001, 1008, 3000, 4999, 7].map(legalCloseCode)).toEqual([
    undefined,
    1000,
    4001,
    4008,
    3000,
    4999,
    4000,
  ]);
});

describe('fetch', () => {
  const native = globalThis.fetch;
  afterEach(() => {
    vi.unstubAllGlobals();
    globalThis.fetch = native;
  });

  test('goes to the server that is meant, answers probes itself, and refuses other hosts', async () => {
    const asked = vi.fn(async (_address: RequestInfo | URL) => new Response('key'));
    globalThis.fetch = asked as typeof fetch;
    vi.stubGlobal('location', new URL('chrome-extension://hubtab/node-worker.js'));
    installFetch();
    allowControl('https://hubs.example:8443');
    expect(await (await fetch('https://hubs.example/key?v=1')).text()).toBe('key');
    expect(asked.mock.calls.map(([address]) => String(address))).toEqual([
      'https://hubs.example:8443/key?v=1',
    ]);
    expect((await fetch('https://hubs.example/derp/probe', { method: 'HEAD' })).status).toBe(200);
    await expect(fetch('https://elsewhere.example/derp/probe')).rejects.toThrow('no unit');
    expect(asked).toHaveBeenCalledTimes(1);
  });
});
