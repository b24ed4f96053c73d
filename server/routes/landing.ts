import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { html } from 'hono/html';
import { ServerInfo } from '../../protocol/server-info.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { ASSETS_PATH, findAsset, narrow, page } from '../pages/page.ts';
import type { Services } from '../services.ts';
import { json, problems } from './describe.ts';

/** What people and extensions see who only have the address. */
export function landingRoutes({
  version,
  shards,
  publicUrl,
}: Pick<Services, 'version' | 'shards' | 'publicUrl'>) {
  const controlUrls = [...new Set(shards.list.map(({ controlUrl }) => controlUrl))];
  const getServer = createRoute({
    method: 'get',
    path: '/v1/server',
    summary: 'Tells a Hubtab server from any other',
    responses: { 200: json(ServerInfo, 'This is one'), ...problems },
  });
  const app = new OpenAPIHono<AppEnvironment>();
  app.get('/', (c) =>
    page(c, {
      title: 'Hubtab server',
      body: narrow({
        heading: 'This is a Hubtab server',
        text: html`Terminals of your coding agents, one click away. Open the Hubtab extension in
          your browser and enter <code>${publicUrl}</code> as its server.`,
        body: html`<a class="button main big wide" href="/account">Your account</a>
          <p class="hint">Version ${version} · <a href="/openapi.json">API</a></p>`,
      }),
    }),
  );
  app.get(`${ASSETS_PATH}/:version/:name`, (c) => {
    const found = findAsset(c.req.param('name'));
    if (!found) return c.notFound();
    c.header('Cache-Control', 'public, max-age=31536000, immutable');
    return c.body(found.text, 200, { 'Content-Type': found.type });
  });
  return app.openapi(getServer, (c) =>
    c.json({ name: 'hubtab' as const, version, issuer: publicUrl, controlUrls }, 200),
  );
}
