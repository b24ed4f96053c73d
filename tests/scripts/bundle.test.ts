import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requireBinary } from '../server/support/tailscale-node.ts';
import { until } from '../server/support/until.ts';

const root = path.resolve(import.meta.dirname, '..', '..');
/** Far from node_modules and the sources, as on a machine that has only what was released. */
const folder = mkdtempSync(path.join(tmpdir(), 'hubtab-bundle-'));
const program = path.join(folder, 'dist', 'hubtab.mjs');

beforeAll(() => {
  // Built before the tests; other files use it meanwhile.
  cpSync(path.join(root, 'dist'), path.join(folder, 'dist'), { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the bundled hub program runs alone', () => {
  rmSync(path.join(folder, 'hub'), { recursive: true, force: true });
  cpSync(program, path.join(folder, 'hub', 'hubtab.mjs'));
  const { status, stdout } = spawnSync(
    process.execPath,
    [path.join(folder, 'hub', 'hubtab.mjs'), '--version'],
    { encoding: 'utf8' },
  );
  expect([status, stdout.trim()]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+/)]);
});

it('the bundled server starts in an empty folder, with its policy, and stops clean', async () => {
  const args = ['server', 'start', '--data', path.join(folder, 'data'), '--listen', '127.0.0.1:0'];
  const headscale = [
    '--headscale-listen',
    '127.0.0.1:0',
    '--headscale-binary',
    requireBinary('headscale'),
  ];
  const child = spawn(process.execPath, [program, ...args, ...headscale], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const done = new Promise((resolve) => child.once('exit', resolve));
  try {
    await until('it runs', () => output.includes('Hubtab server is running'), 40_000);
    expect(output).toContain('"headscale-ready"');
  } finally {
    child.kill('SIGTERM');
  }
  expect(await done).toBe(0);
});
