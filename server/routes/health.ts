import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import { DISK_FAILED } from '../disk.ts';
import { SKEW_FAILED_MS } from '../headscale/client.ts';
import type { Services } from '../services.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import { ApiError } from '../problem.ts';
import { json, problems } from './describe.ts';

const Check = z.enum(['ok', 'failed', 'unknown']);
const Checks = z.object({
  database: Check,
  headscale: Check,
  policy: Check,
  clock: Check,
  disk: Check,
});
type Checks = z.infer<typeof Checks>;

export function healthRoutes(services: Services) {
  const healthz = createRoute({
    method: 'get',
    path: '/healthz',
    summary: 'Whether the process lives',
    responses: { 200: json(z.object({ status: z.literal('ok') }), 'It lives'), ...problems },
  });
  const readyz = createRoute({
    method: 'get',
    path: '/readyz',
    summary: 'Whether keys can be issued',
    responses: {
      200: json(z.object({ status: z.literal('ready'), checks: Checks }), 'Ready'),
      ...problems,
    },
  });
  return new OpenAPIHono<AppEnvironment>()
    .openapi(healthz, (c) => c.json({ status: 'ok' as const }, 200))
    .openapi(readyz, async (c) => {
      const { checks, reason } = await look(services);
      if (reason === undefined) return c.json({ status: 'ready' as const, checks }, 200);
      throw new ApiError('headscale-unavailable', reason, {
        members: { checks },
        headers: { 'Retry-After': '2' },
      });
    });
}

async function look({ db, gate, headscale, freeBytes }: Services) {
  const checks: Checks = {
    database: 'ok',
    headscale: 'ok',
    policy: 'ok',
    clock: 'ok',
    disk: 'ok',
  };
  let reason: string | undefined;
  const state = await gate.current();
  const isSilent = state.kind === 'silent' || !(await answers(headscale.health()));
  if (isSilent) {
    Object.assign(checks, { headscale: 'failed', policy: 'unknown', clock: 'unknown' });
    reason = 'Headscale does not answer; no keys can be issued until it does.';
  } else if (state.kind === 'refused') {
    Object.assign(
      checks,
      state.what === 'policy' ? { policy: 'failed' } : { headscale: 'failed', policy: 'unknown' },
    );
    reason = state.reason;
  }
  if (!isSilent && Math.abs(headscale.skewMs) > SKEW_FAILED_MS) {
    checks.clock = 'failed';
    const seconds = Math.round(Math.abs(headscale.skewMs) / 1000);
    reason = `The clocks of this server and of Headscale are ${seconds} s apart. Set both, for example with chrony.`;
  }
  if (freeBytes() < DISK_FAILED) {
    checks.disk = 'failed';
    reason = 'The disk of the data directory is full. Make room, or sign-ins and keys will fail.';
  }
  if (!(await answers(sql`select 1`.execute(db)))) {
    checks.database = 'failed';
    reason = 'The database does not answer. Look at the log of the server.';
  }
  return { checks, reason };
}

function answers(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
