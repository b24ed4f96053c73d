import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { bin, root } from '../../scripts/paths.ts';
import { run } from '../../scripts/stack/run.ts';
import type { StackInfo } from '../../scripts/stack/start.ts';

/** The process ids whose command line holds a text. */
async function processesWith(text: string): Promise<string[]> {
  const { stdout } = await run('pgrep', ['-f', text]);
  return stdout.split('\n').filter(Boolean);
}

test('npm run stack prints what it started, and leaves nothing behind when it is told to end', async () => {
  const npm = spawn('npm', ['run', 'stack', '--', '--accounts', '2', '--hubs', '1'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(npm, 'exit');
  try {
    let info: StackInfo | undefined;
    for await (const line of createInterface({ input: npm.stdout })) {
      if (!line.startsWith('{')) continue; // npm says what it runs
      info = JSON.parse(line) as StackInfo;
      break;
    }
    if (!info) throw new Error('the stack ended without a line of JSON');
    expect(info.accounts.map(({ email }) => email)).toEqual(['a0@example.test', 'a1@example.test']);

    for (const { email, accessToken, hubs } of info.accounts) {
      const headers = { Authorization: `Bearer ${accessToken}` };
      const me = await fetch(new URL('/v1/me', info.serverUrl), { headers });
      expect(await me.json()).toMatchObject({ email });
      const [hub] = hubs;
      const status = await run(path.join(bin, 'tailscale'), [
        `--socket=${hub?.socket}`,
        'ip',
        '-4',
      ]);
      expect(status.stdout.trim()).toBe(hub?.ip);
    }
    const directory = path.dirname(path.dirname(path.dirname(info.headscaleConfig)));
    expect(await processesWith(directory)).not.toEqual([]);

    npm.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(await processesWith(directory)).toEqual([]);
  } finally {
    npm.kill('SIGTERM');
    await exited;
  }
});

test.each([
  ['--hubs', 'many'],
  ['--port', '70000'],
])('%s %s is refused in words', async (option, value) => {
  const { code, stderr } = await run('node', ['scripts/stack.ts', option, value], { cwd: root });
  expect(code).toBe(2);
  expect(stderr).toMatch(/expected a number from 0 to 65535/);
});
