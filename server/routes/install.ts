import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { InstallManifest } from '../../protocol/install.ts';
import type { Program } from '../install/programs.ts';
import { installScript } from '../install/script.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { ApiError } from '../problem.ts';
import type { Services } from '../services.ts';
import { json, problems } from './describe.ts';

/** What a machine needs to become a hub: the script of the pasted line, the hub program, and tailscaled. */
export function installRoutes({ programs, publicUrl }: Pick<Services, 'programs' | 'publicUrl'>) {
  const getManifest = createRoute({
    method: 'get',
    path: '/install/manifest.json',
    summary: 'Programs for hubs, with checksums',
    responses: { 200: json(InstallManifest, 'The programs'), ...problems },
  });
  const app = new OpenAPIHono<AppEnvironment>();
  app.get('/install.sh', async (c) => {
    const hubtab = (await programs.hubtab()) ?? missing();
    c.header('Content-Type', 'text/x-shellscript; charset=utf-8');
    return c.body(installScript(publicUrl, hubtab.sha256));
  });
  app.get('/install/hubtab.mjs', async () => send((await programs.hubtab()) ?? missing()));
  app.get('/install/:platform/:name', async (c) => {
    const { platform, name } = c.req.param();
    return send((await programs.tailscale(platform, name)) ?? missing());
  });
  return app.openapi(getManifest, async (c) =>
    c.json((await programs.manifest()) ?? missing(), 200),
  );
}

function send({ path, size }: Program): Response {
  // Read piece by piece as the client takes it: the programs are tens of megabytes.
  const body = Readable.toWeb(createReadStream(path)) as ReadableStream;
  return new Response(body, {
    headers: { 'Content-Type': 'application/octet-stream', 'Content-Length': String(size) },
  });
}

function missing(): never {
  throw new ApiError(
    'not-found',
    'This server does not hand out that program. Its administrator makes the hub program with ' +
      '`npm run build`, and names a folder with tailscaled in `install.tailscaleDir`.',
  );
}
