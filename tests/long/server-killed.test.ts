import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TokenSet } from '../../protocol/account.ts';
import { BrowserKey } from '../../protocol/hubs.ts';
import type { Front } from '../../scripts/stack/start.ts';
import { openDatabase, type Database } from '../../server/database/database.ts';
import { freeTcpPort } from '../../server/free-port.ts';
import { LocalIdentity } from '../../server/identity/local-identity.ts';
import { Api } from '../server/support/api.ts';
import { joinWithoutNode, TestHub } from '../server/support/hub.ts';
import { PostgresServer } from '../server/support/postgres.ts';
import { startTestServer, type TestServer } from '../server/support/test-server.ts';
import { until } from '../server/support/until.ts';
import { makeCertificate, removeCertificate, startProxy, type Certificate } from './proxies.ts';
import { ServerProcess } from './server-process.ts';

/** Two servers on one Postgres behind `deploy/caddy`, as docs/scale.md has it. */
const READERS = 12;
const WRITERS = 4;
/** Routes, as the log has them. */
const LIST = '/v1/hubs';
const KEY = '/v1/hubs/:id/browser-key';

const cleanups: (() => Promise<unknown>)[] = [];
const servers = [new ServerProcess(), new ServerProcess()] as const;
let certificate: Certificate;
let front: Front;
let headscale: TestServer;
let db: Database;
let starts: (() => void)[];
let token: string;
let hubId: string;

beforeAll(async () => {
  for (const server of servers) cleanups.push(() => server.remove());
  certificate = await makeCertificate();
  cleanups.push(() => removeCertificate(certificate));
  const postgres = await PostgresServer.start();
  cleanups.push(() => postgres.stop());
  headscale = await startTestServer();
  cleanups.push(() => headscale.stop());
  // The Headscale is the two servers' from here on.
  await headscale.server.internals.reconciler.stop();
  const ports = [await freeTcpPort('127.0.0.1'), await freeTcpPort('127.0.0.1')] as const;
  front = await startProxy('caddy', certificate, {
    server: ports[0],
    secondServer: ports[1],
    headscale: Number(new URL(headscale.server.headscaleUrl).port),
  });
  cleanups.push(() => front.stop());
  const url = await postgres.createDatabase();
  starts = servers.map(
    (server, index) => () =>
      server.start({
        listen: `127.0.0.1:${ports[index]}`,
        publicUrl: front.url,
        behindProxy: ['127.0.0.1'],
        database: { url },
        headscale: {
          url: headscale.server.headscaleUrl,
          apiKeyFile: join(headscale.dataDir, 'headscale', 'api-key'),
        },
      }),
  );
  const [first, second] = servers;
  starts[0]?.();
  await whenReady(first);
  for (const file of ['secrets', 'seal.key'])
    copyFileSync(join(first.dataDir, file), join(second.dataDir, file));
  starts[1]?.();
  await whenReady(second);
  db = await openDatabase(url);
  cleanups.push(() => db.destroy());
  ({ token, hubId } = await signUp());
}, 120_000);
afterAll(async () => {
  for (let next = cleanups.pop(); next; next = cleanups.pop()) await next();
});

function whenReady({ listen }: ServerProcess): Promise<true> {
  const ask = () =>
    fetch(`http://${listen}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  return until('the server gives keys', ask, 60_000) as Promise<true>;
}

/** An account with a hub, by the routes that everybody takes. */
async function signUp(): Promise<{ token: string; hubId: string }> {
  const identity = new LocalIdentity({
    db,
    clock: Date.now,
    memoryTokens: undefined,
    publicUrl: front.url,
  });
  const account = await identity.createUser('ana@example.test', 'member');
  if (!account.ok) throw new Error('invariant: the database is new');
  const { code } = await identity.createPairingCode(account.value.id);
  const api = new Api((path, init) => fetch(front.url + path, init));
  const tokens = await api.ok(TokenSet, 'POST', '/v1/pair', { body: { code } });
  const hub = await TestHub.register(api, tokens.access_token, { audience: front.url });
  await joinWithoutNode(db, hub.id);
  return { token: tokens.access_token, hubId: hub.id };
}

interface Asked {
  method: 'GET' | 'POST';
  /** Undefined while it is on the way. */
  end?: { status: number | 'broken'; text: string };
}

/** Asks without a pause until told to stop, over connections that stay open. */
function startLoad() {
  const asked: Asked[] = [];
  const over = new AbortController();
  const ask = async (method: Asked['method'], path: string) => {
    while (!over.signal.aborted) {
      const one: Asked = { method };
      asked.push(one);
      const headers = { authorization: `Bearer ${token}` };
      one.end = await fetch(front.url + path, { method, headers }).then(
        async (answer) => ({ status: answer.status, text: await answer.text() }),
        (error: unknown) => ({ status: 'broken' as const, text: String(error) }),
      );
    }
  };
  const loops = [
    ...Array.from({ length: READERS }, () => ask('GET', '/v1/hubs')),
    ...Array.from({ length: WRITERS }, () => ask('POST', `/v1/hubs/${hubId}/browser-key`)),
  ];
  return {
    asked,
    async stop() {
      over.abort();
      await Promise.all(loops);
    },
  };
}

const isKey = ({ method }: Asked) => method === 'POST';
const isOnTheWay = ({ end }: Asked) => end === undefined;
/** A busy Headscale is said by a problem with words, with or without a second server. */
const isTurnedAway = (text: string) => /"code":"(rate-limited|headscale-unavailable)"/.test(text);
const hasFailed = ({ end }: Asked) =>
  end !== undefined && end.status !== 200 && !isTurnedAway(end.text);

it('when one of two servers is killed under load, nothing fails but the keys it was making', async () => {
  const [first] = servers;
  const load = startLoad();
  try {
    const haveWork = ({ answered }: ServerProcess) => answered(LIST) > 50 && answered(KEY) > 3;
    await until('both have work', () => servers.every(haveWork), 60_000);
    // On their way when it is killed, or until it is gone.
    const atRisk = load.asked.filter((one) => isOnTheWay(one) && isKey(one));
    const killedAt = load.asked.length;
    await first.kill();
    atRisk.push(...load.asked.slice(killedAt).filter(isKey));
    const goneAt = load.asked.length;
    await until('the other one has gone on', () => load.asked.length > goneAt + 500, 60_000);
    starts[0]?.();
    await until('it has work again', () => haveWork(first), 60_000);
    const failed = load.asked.filter(hasFailed);
    console.log(
      `${load.asked.length} requests, ${atRisk.length} keys at risk, ${failed.length} failed`,
    );
    expect(failed.filter((one) => !isKey(one))).toEqual([]);
    expect(failed.length).toBeLessThanOrEqual(atRisk.length);
  } finally {
    await load.stop();
  }
});

it('a request that is repeated at the other server gets the same key', async () => {
  const answers = [];
  for (const server of servers) {
    const answer = await fetch(`http://${server.listen}/v1/hubs/${hubId}/browser-key`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': 'one-click' },
    });
    answers.push(BrowserKey.parse(await answer.json()));
  }
  expect(answers[1]).toEqual(answers[0]);
});
