import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import { DISK_FAILED } from '../disk.ts';
import { SKEW_FAILED_MS } from '../headscale/client.ts';
import type { Services } from '../services.ts';
import type { Shard } from '../units/shards.ts';
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
const Ready = z.object({
  status: z.literal('ready'),
  checks: Checks,
  /** What is wrong all the same: a shard that is away while others work. */
  reason: z.string().optional(),
});

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
      200: json(Ready, 'Ready'),
      ...problems,
    },
  });
  return new OpenAPIHono<AppEnvironment>()
    .openapi(healthz, (c) => c.json({ status: 'ok' as const }, 200))
    .openapi(readyz, async (c) => {
      const { checks, reason, isReady } = await look(services);
      if (isReady) {
        return c.json({ status: 'ready' as const, checks, ...(reason ? { reason } : {}) }, 200);
      }
      throw new ApiError('headscale-unavailable', reason ?? 'Not ready.', {
        members: { checks },
        headers: { 'Retry-After': '2' },
      });
    });
}

/** What is wrong, in words; not ready when no hub at all can be given keys. */
async function look({ db, shards, freeBytes }: Services) {
  const looked = await Promise.all(shards.list.map(lookAtShard));
  const failed = looked.filter(({ reason }) => reason !== undefined);
  const [first] = failed;
  const checks: Checks = {
    database: 'ok',
    ...(first?.checks ?? { headscale: 'ok', policy: 'ok', clock: 'ok' }),
    disk: 'ok',
  };
  let isReady = failed.length < looked.length;
  let reason = first && (looked.length > 1 ? `${first.id}: ${first.reason}` : first.reason);
  const fail = (check: 'disk' | 'database', why: string) => {
    checks[check] = 'failed';
    reason = why;
    isReady = false;
  };
  if (freeBytes() < DISK_FAILED) {
    fail(
      'disk',
      'The disk of the data directory is full. Make room, or sign-ins and keys will fail.',
    );
  }
  if (!(await answers(sql`select 1`.execute(db)))) {
    fail('database', 'The database does not answer. Look at the log of the server.');
  }
  return { checks, reason, isReady };
}

async function lookAtShard({ id, gate, headscale }: Shard) {
  const checks: Pick<Checks, 'headscale' | 'policy' | 'clock'> = {
    headscale: 'ok',
    policy: 'ok',
    clock: 'ok',
  };
  const state = await gate.current();
  if (state.kind === 'silent' || !(await answers(headscale.health()))) {
    const reason = 'Headscale does not answer; no keys can be issued until it does.';
    return {
      id,
      checks: { headscale: 'failed', policy: 'unknown', clock: 'unknown' } as const,
      reason,
    };
  }
  const seconds = Math.round(Math.abs(headscale.skewMs) / 1000);
  if (seconds * 1000 > SKEW_FAILED_MS) {
    const reason = `The clocks of this server and of Headscale are ${seconds} s apart. Set both, for example with chrony.`;
    return { id, checks: { ...checks, clock: 'failed' as const }, reason };
  }
  if (state.kind === 'open') return { id, checks, reason: undefined };
  const what =
    state.what === 'policy'
      ? ({ policy: 'failed' } as const)
      : ({ headscale: 'failed', policy: 'unknown' } as const);
  return { id, checks: { ...checks, ...what }, reason: state.reason };
}

function answers(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
