import { expect } from 'vitest';
import { verifyAudit } from '../../../server/audit/audit.ts';
import { createApp } from '../../../server/app.ts';
import { createReconciler } from '../../../server/reconcile/create-reconciler.ts';
import { createServices } from '../../../server/services.ts';
import { Api } from './api.ts';
import { Crash } from './crash.ts';
import type { TestServer } from './test-server.ts';

const LATER_MS = 2 * 60_000;

/**
 * Runs the work again and again, each time in a process that dies one step later than the time before, until one
 * survives. After each death a new process reconciles, two minutes later, and the world must be whole.
 * @returns how many deaths there were
 */
export async function dieAtEveryStep(
  test: TestServer,
  work: (api: Api) => Promise<unknown>,
): Promise<number> {
  for (let at = 1; ; at += 1) {
    const crash = new Crash(at);
    const services = createServices({
      ...test.services,
      db: crash.database(test.services.db),
      headscale: crash.headscale(test.services.headscale),
    });
    const app = createApp(services);
    const failure = await work(new Api((path, init) => app.request(path, init))).then(
      () => undefined,
      (error: unknown) => error,
    );
    await reconcile(test, LATER_MS);
    await expectWholeWorld(test);
    if (crash.hasHappened) continue;
    if (failure !== undefined) throw failure;
    return at - 1;
  }
}

/** What a new process does first, seen from some time later. */
async function reconcile(test: TestServer, laterMs = 0): Promise<void> {
  const clock = () => test.services.clock() + laterMs;
  const reconciler = createReconciler(createServices({ ...test.services, clock }), {
    shardId: 'default',
    leadership: { isLeader: () => Promise.resolve(true), stop: () => Promise.resolve() },
    apiKeys: { current: () => undefined, renew: () => Promise.resolve(), isOld: () => false },
    restorePolicy: undefined,
  });
  await reconciler.round();
}

/** Nothing dangles: Headscale holds what our database says, no more and no less. */
export async function expectWholeWorld({ services }: TestServer): Promise<void> {
  const { db, headscale } = services;
  const hubs = await db.selectFrom('hubs').selectAll().execute();
  const users = await headscale.listUsers();
  const units = users.flatMap(({ name }) => (name.startsWith('hub-') ? name : [])).sort();
  const active = hubs.filter((hub) => hub.state === 'active');
  expect(units).toEqual(active.map((hub) => `hub-${hub.id.toLowerCase()}`).sort());
  expect(hubs.filter((hub) => hub.state === 'deleting')).toEqual([]);

  const issued = await db.selectFrom('issued_keys').selectAll().execute();
  expect(issued.filter((key) => key.state === 'pending')).toEqual([]);
  const held = new Set(
    issued.flatMap((key) => (key.state === 'issued' ? key.headscale_key_id : [])),
  );
  const usable = (await headscale.listKeys()).filter(
    (key) => !key.used && (key.expiration ?? 0) > services.clock(),
  );
  expect(usable.filter((key) => !held.has(key.id))).toEqual([]);

  const recorded = await db
    .selectFrom('audit')
    .select('detail')
    .where('event', '=', 'key-issued')
    .execute();
  const recordedIds = new Set(
    recorded.map(({ detail }) => (JSON.parse(detail) as { keyId: string }).keyId),
  );
  expect(issued.filter((key) => key.headscale_key_id && !recordedIds.has(key.id))).toEqual([]);
  expect(await verifyAudit(db)).toMatchObject({ ok: true });
}
