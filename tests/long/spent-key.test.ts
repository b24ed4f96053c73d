import { afterAll, beforeAll, expect, it } from 'vitest';
import { HubHome } from '../hub/hub-home.ts';
import { startRealServer } from '../hub/real-server.ts';
import type { HubStatus } from '../../hub/commands/hub-status.ts';

let server: Awaited<ReturnType<typeof startRealServer>>;
let home: HubHome;
beforeAll(async () => {
  home = new HubHome();
  server = await startRealServer();
});
afterAll(async () => {
  await home?.remove();
  await server?.stop();
});

it('a hub whose new key was spent asks for another, and says so when three were', async () => {
  const token = await server.createJoinToken();
  const join = ['hub', 'join', server.url, '--token', token, '--name', 'Box'];
  server.spendNextKeys(3);
  const refused = await home.hubtab(join);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("this machine's new key was used already. Run this again");
  server.spendNextKeys(1);
  expect(await home.hubtab(join)).toMatchObject({ code: 0 });
  const { stdout } = await home.hubtab(['hub', 'status', '--json']);
  expect(JSON.parse(stdout) as HubStatus).toMatchObject({ joined: true, online: true });
});
