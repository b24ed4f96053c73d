import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { parseConfig } from '../../../server/config.ts';
import { HeadscaleClient } from '../../../server/headscale/client.ts';
import { OidcProvider } from '../../../server/identity/oidc-provider.ts';
import { createTestApp } from '../support/test-app.ts';

// The server calls two addresses, Headscale's and the OIDC provider's, and both come from the configuration alone. So
// there is no name that somebody else chose and that could lead elsewhere at its second look-up (DNS rebinding).

const HOSTILE_URLS = [
  'file:///etc/passwd',
  'file://localhost/etc/passwd',
  'gopher://127.0.0.1:6379/_FLUSHALL',
  'dict://127.0.0.1:11211/stats',
  'ftp://127.0.0.1/x',
  'ldap://127.0.0.1/x',
  'unix:/run/docker.sock',
  'data:text/plain,x',
  'javascript:alert(1)',
  'ws://127.0.0.1/x',
  '//127.0.0.1',
  '127.0.0.1:8080',
  'http:',
  'http://',
  'http://[::1',
  'http://127.0.0.1:99999',
  'http://user@127.0.0.1',
  'http://user:password@127.0.0.1',
  'http://127.0.0.1?x=http://good.example',
  'http://127.0.0.1#@good.example',
  'http://169.254.169.254',
  'http://169.254.169.254:80',
  'http://2852039166',
  'http://0xA9FEA9FE',
  'http://0251.0376.0251.0376',
  'http://169.254.43518',
  'http://[::ffff:169.254.169.254]',
  'http://[fe80::1]',
  'http://[febf::1]',
  'http://good.example\\@127.0.0.1',
  'http://good.example@127.0.0.1/',
  'https://169.254.169.254',
];

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Somebody who must never be called. */
async function bystander() {
  const heard: string[] = [];
  const url = await listen((request, response) => {
    heard.push(request.url ?? '');
    response.end('{}');
  });
  return { url, heard };
}

it.each(HOSTILE_URLS)('%s is no address of Headscale and no OIDC provider', (url) => {
  const base = { dataDir: '/tmp/x' };
  expect(() => parseConfig({ ...base, headscale: { url, apiKeyFile: '/key' } })).toThrow(
    /^headscale\.url: /m,
  );
  const oidc = { issuer: url, clientId: 'x', clientSecretFile: '/secret' };
  expect(() => parseConfig({ ...base, oidc })).toThrow(/^oidc\.issuer: /m);
});

it('neither Headscale nor the OIDC provider can send the server elsewhere', async () => {
  const { url, heard } = await bystander();
  const redirecting = await listen((_, response) => {
    response.writeHead(307, { location: `${url}/stolen` }).end();
  });
  const client = new HeadscaleClient({ url: redirecting, apiKey: () => 'hskey-api-secret' });
  await expect(client.listUsers()).rejects.toMatchObject({ kind: 'unavailable' });
  const config = {
    issuer: redirecting,
    clientId: 'x',
    clientSecret: 'x',
    name: 'x',
    signUp: false,
  };
  expect(await new OidcProvider(config, () => {}).answers()).toBe(false);
  expect(heard).toEqual([]);
});

it('an answer without an end is not read to the end', async () => {
  const endless = await listen((_, response) => {
    const more = (): void => {
      if (!response.destroyed) response.write(Buffer.alloc(1 << 20, ' '), () => setImmediate(more));
    };
    more();
  });
  const client = new HeadscaleClient({ url: endless, apiKey: () => 'key' });
  await expect(client.listUsers()).rejects.toMatchObject({ kind: 'unavailable' });
});

const Schema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    format: z.string().optional(),
    properties: z.record(z.string(), Schema).optional(),
    $ref: z.string().optional(),
  }),
);
interface JsonSchema {
  type?: string | undefined;
  format?: string | undefined;
  properties?: Record<string, JsonSchema> | undefined;
  $ref?: string | undefined;
}
const Document = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        requestBody: z
          .object({ content: z.record(z.string(), z.object({ schema: Schema.optional() })) })
          .optional(),
      }),
    ),
  ),
});

it('whatever a request holds, nobody is called because of it', async () => {
  const { url, heard } = await bystander();
  const test = await createTestApp();
  const { access_token: token } = (await test.signUp('alice@example.test')).tokens;
  const { paths } = await test.api.ok(Document, 'GET', '/openapi.json');
  const fill = (schema: JsonSchema | undefined): unknown => {
    if (schema?.properties === undefined) return schema?.type === 'array' ? [url] : url;
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, inner]) => [name, fill(inner)]),
    );
  };
  let sent = 0;
  for (const [path, methods] of Object.entries(paths)) {
    const concrete = path.replaceAll(/\{\w+\}/g, encodeURIComponent(url));
    for (const [method, { requestBody }] of Object.entries(methods)) {
      const contents = Object.entries(requestBody?.content ?? { none: {} });
      for (const [type, { schema }] of contents) {
        const filled = fill(schema);
        const body = type.includes('form')
          ? new URLSearchParams(filled as Record<string, string>)
          : JSON.stringify(filled);
        await test.app.request(`${concrete}?cursor=${url}&redirect_uri=${url}&next=${url}`, {
          method: method.toUpperCase(),
          headers: {
            authorization: `Bearer ${token}`,
            host: new URL(url).host,
            origin: url,
            referer: url,
            'x-forwarded-host': new URL(url).host,
            ...(type === 'none' ? {} : { 'content-type': type }),
          },
          ...(type === 'none' ? {} : { body }),
        });
        sent += 1;
      }
    }
  }
  expect(sent).toBeGreaterThan(25);
  expect(heard).toEqual([]);
});
