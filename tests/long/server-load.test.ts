import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLoadServer, type LoadServer } from '../../scripts/load/load-server.ts';
import { askForKeys, keyPath, listHubs } from '../../scripts/load/measure.ts';
import { until } from '../server/support/until.ts';

let loaded: LoadServer;
beforeAll(async () => {
  loaded = await startLoadServer(40);
});
afterAll(() => loaded?.stop());

it('at five times what it can do the server gives keys, says 429 to the rest, and nothing else', async () => {
  const { perSecond } = await askForKeys(loaded, { connections: 2, seconds: 8 });
  expect(perSecond).toBeGreaterThan(0);
  const rate = Math.ceil(5 * perSecond);
  const flood = await askForKeys(loaded, { rate, seconds: 15 });
  expect(Object.keys(flood.statuses)).toEqual(['200', '429']);
  expect(flood.lost).toBe(0);
});

it('a Headscale that is killed under load fails requests for keys and nothing else, and is back', async () => {
  const { server, hubs } = loaded;
  const under = Promise.all([
    listHubs(loaded, { rate: 100, seconds: 12 }),
    askForKeys(loaded, { connections: 4, seconds: 12 }),
  ]);
  const pid = server.headscalePid() ?? 0;
  process.kill(pid, 'SIGKILL');
  await until('it was started again', () => ![undefined, pid].includes(server.headscalePid()));
  const [lists, keys] = await under;
  expect(Object.keys(lists.statuses)).toEqual(['200']);
  expect([lists.lost, keys.lost]).toEqual([0, 0]);
  expect(
    Object.keys(keys.statuses).filter((status) => !['200', '429', '503'].includes(status)),
  ).toEqual([]);
  const [hub] = hubs;
  if (!hub) throw new Error('no hub');
  await until('keys are made again', async () => {
    const { status } = await fetch(server.url + keyPath(hub), {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.token}` },
    });
    return status === 200;
  });
});
