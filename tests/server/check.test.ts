import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { runServerCli } from '../../server/cli.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

let test: TestServer;

beforeAll(async () => {
  test = await startTestServer();
});

afterAll(() => test?.stop());

async function check(dataDir = test.dataDir) {
  const writes: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    // The test runner writes here too.
    if (String(text).startsWith('[')) writes.push(String(text));
    return true;
  });
  try {
    const status = await runServerCli(['check', '--json', '--data', dataDir]);
    const findings = JSON.parse(writes.join('')) as {
      name: string;
      state: string;
      text: string;
    }[];
    return { status, states: Object.fromEntries(findings.map((each) => [each.name, each])) };
  } finally {
    write.mockRestore();
  }
}

it('finds a running server good', async () => {
  const { status, states } = await check();
  expect(status).toBe(0);
  for (const name of ['data', 'database', 'headscale', 'policy', 'clock']) {
    expect(states[name]).toMatchObject({ state: 'good' });
  }
});

it('says what is wrong and what to do', async () => {
  chmodSync(test.dataDir, 0o755);
  process.kill(test.server.headscalePid() ?? 0, 'SIGSTOP');
  try {
    const { status, states } = await check();
    expect(status).toBe(1);
    expect(states.data?.text).toContain(`chmod 700 ${test.dataDir}`);
    expect(states.headscale?.text).toContain('does not answer');
  } finally {
    process.kill(test.server.headscalePid() ?? 0, 'SIGCONT');
    chmodSync(test.dataDir, 0o700);
  }
  await until('it is good again', async () => (await check()).status === 0);
});

it('says so where no server ever was', async () => {
  const empty = join(test.dataDir, 'nothing-here');
  const { status, states } = await check(empty);
  rmSync(empty, { recursive: true, force: true });
  expect([status, states.data?.state]).toEqual([1, 'failed']);
});
