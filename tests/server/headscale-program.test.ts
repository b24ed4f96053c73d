import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { requireBinary } from './support/tailscale-node.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

const directory = mkdtempSync(join(tmpdir(), 'hubtab-program-'));
const binary = join(directory, 'headscale');
let sha256: string;

beforeEach(() => {
  rmSync(binary, { force: true });
  copyFileSync(requireBinary('headscale'), binary);
  sha256 = createHash('sha256').update(readFileSync(binary)).digest('hex');
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('a Headscale with one byte too many is not started', async () => {
  appendFileSync(binary, 'x');
  await expect(startTestServer({ headscale: { binary, sha256 } })).rejects.toThrow(
    `${binary} is not the program that headscale.sha256 names, so it is not started`,
  );
  writeFileSync(`${binary}.sha256`, `${sha256}\n`);
  await expect(startTestServer({ headscale: { binary } })).rejects.toThrow(
    `is not the program that ${binary}.sha256 names`,
  );
  rmSync(`${binary}.sha256`);
});

it('nor is one that was changed while the server ran, when it is started again', async () => {
  const test = await startTestServer({ headscale: { binary, sha256 } });
  try {
    const pid = test.server.headscalePid() ?? 0;
    rmSync(binary); // a program that runs cannot be written to, but replaced it can be
    copyFileSync(requireBinary('headscale'), binary);
    appendFileSync(binary, 'x');
    process.kill(pid, 'SIGKILL');
    await until('it is refused', () => /is not the program that headscale/.test(test.logs.join()));
    expect(test.server.headscalePid()).toBeUndefined();
    expect((await test.api.problem('GET', '/readyz')).code).toBe('headscale-unavailable');
  } finally {
    await test.stop();
  }
});
