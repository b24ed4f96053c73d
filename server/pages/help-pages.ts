import { OpenAPIHono } from '@hono/zod-openapi';
import { html, raw } from 'hono/html';
import { helpSection } from '../../protocol/help.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { page } from './page.ts';
import { troubleshootingHtml } from './troubleshooting.ts';

/** What to do about a problem: the `type` of each leads to its place on one page. */
export function helpPages(): OpenAPIHono<AppEnvironment> {
  const text = raw(troubleshootingHtml());
  const app = new OpenAPIHono<AppEnvironment>();
  app.get('/help', (c) =>
    page(c, { title: 'Troubleshooting', body: html`<main class="prose">${text}</main>` }),
  );
  app.get('/problems/:code', (c) => {
    const section = helpSection(c.req.param('code'));
    return section === undefined ? c.notFound() : c.redirect(`/help#${section}`);
  });
  return app;
}
