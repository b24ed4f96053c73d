import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildWasm } from '../../scripts/build-wasm.ts';
import { root } from '../../scripts/paths.ts';
import { mustRun } from '../../scripts/stack/run.ts';

let elsewhere: string;

beforeAll(async () => {
  elsewhere = await mkdtemp(path.join(tmpdir(), 'hubtab-elsewhere-'));
  for (const name of ['package.json', 'scripts', 'wasm'])
    await cp(path.join(root, name), path.join(elsewhere, name), { recursive: true });
});
afterAll(() => rm(elsewhere, { recursive: true, force: true, maxRetries: 5 }));

test('the network client, linked and optimized in another folder, has the same bytes', async () => {
  await buildWasm();
  const script = path.join(elsewhere, 'scripts', 'build-wasm.ts');
  await mustRun(process.execPath, [script], { timeoutMs: 550_000 });
  expect(await digest(elsewhere)).toBe(await digest(root));
});

async function digest(folder: string): Promise<string> {
  const content = await readFile(path.join(folder, 'public', 'tailnet.wasm'));
  return createHash('sha256').update(content).digest('hex');
}
