import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { html } from 'hono/html';
import { ServerInfo } from '../../protocol/server-info.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { json, problems } from './describe.ts';

/** What people and extensions see who only have the address. */
export function landingRoutes({ version, controlUrl }: Omit<ServerInfo, 'name'>) {
  const getServer = createRoute({
    method: 'get',
    path: '/v1/server',
    summary: 'Tells a Hubtab server from any other',
    responses: { 200: json(ServerInfo, 'This is one'), ...problems },
  });
  const app = new OpenAPIHono<AppEnvironment>();
  app.get('/', (c) => c.html(page(version)));
  return app.openapi(getServer, (c) =>
    c.json({ name: 'hubtab' as const, version, controlUrl }, 200),
  );
}

function page(version: string) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Hubtab server</title>
        <style>
          body {
            font:
              16px/1.5 system-ui,
              sans-serif;
            max-width: 36rem;
            margin: 4rem auto;
            padding: 0 1rem;
          }
        </style>
      </head>
      <body>
        <h1>This is a Hubtab server</h1>
        <p>
          Terminals of your coding agents, one click away. There is nothing to do on this page: open
          the Hubtab extension in your browser, enter the address of this page as its server, and
          type the pairing code that the administrator gave you.
        </p>
        <p>Administrators make one with <code>hubtab server pairing-code EMAIL</code>.</p>
        <p>
          <small>Version ${version} · <a href="/openapi.json">API</a></small>
        </p>
      </body>
    </html>`;
}
