import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../scripts/paths.ts';

it('two minutes of made-up requests find no 5xx and nothing that the OpenAPI document does not allow', async () => {
  const script = path.join(root, 'scripts', 'fuzz.ts');
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [script, '--minutes', '2'],
      { maxBuffer: 64 * 1024 * 1024 },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? 1, output: stdout + stderr }),
    );
  });
  expect(code, output.slice(-20_000)).toBe(0);
});
