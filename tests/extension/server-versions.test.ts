import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { browser } from 'wxt/browser';
import { anonymousClient, serverClient } from '../../lib/server-client.ts';

/** What this extension says when the server is of another age: in the answers of a server that speaks otherwise. */
let server: Server;
let url: string;
let answers: Record<string, { status: number; body: unknown }>;

beforeAll(async () => {
  vi.spyOn(browser.runtime, 'getManifest').mockReturnValue({
    manifest_version: 3,
    name: 'Hubtab',
    version: '0.4.0',
  });
  server = createServer((request, answer) => {
    const { status, body } = answers[request.url ?? ''] ?? { status: 404, body: 'nothing' };
    answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server?.closeAllConnections();
  server?.close();
});

const told = (version: string) => ({
  '/v1/server': { status: 200, body: { name: 'hubtab', version, address: 'said otherwise' } },
});
const unread = { status: 200, body: { hubs: 'said otherwise' } };

it.each([
  ['0.5.0', unread, 'extension-too-old'],
  ['1.0.0', unread, 'extension-too-old'],
  ['0.10.0', unread, 'extension-too-old'],
  ['0.3.9', unread, 'server-too-old'],
  ['0.4.0', unread, 'not-hubtab'],
  ['0.5.0', { status: 409, body: { detail: 'x', code: 'of-the-future' } }, 'extension-too-old'],
  ['0.3.9', { status: 404, body: 'no such path' }, 'server-too-old'],
])(
  'of a server %s that cannot be understood it says who is to be updated',
  async (version, answer, code) => {
    answers = { ...told(version), '/v1/hubs': answer };
    const result = await serverClient(url, 'token').hubs();
    expect(result).toMatchObject({ ok: false, error: { code } });
  },
);

it('of a server that says of itself what it does not know either', async () => {
  answers = told('2.0.0');
  const result = await anonymousClient(url).info();
  expect(result).toMatchObject({ ok: false, error: { code: 'extension-too-old' } });
});

it('of another program that it is no Hubtab server', async () => {
  answers = { '/v1/server': { status: 200, body: { name: 'other' } } };
  const result = await anonymousClient(url).info();
  expect(result).toMatchObject({ ok: false, error: { code: 'not-hubtab' } });
});
