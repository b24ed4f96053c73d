import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { root, work } from '../paths.ts';

const exec = promisify(execFile);
const source = path.join(root, 'tools', 'tsconnect');
const output = path.join(work, 'bench', 'upstream.wasm');
const PACKAGE = 'tailscale.com/cmd/tsconnect/wasm';

/**
 * Builds Tailscale's own browser client from its pinned module, with its own tags but `tailscale_go`, and returns the
 * file. Does nothing when the pins and the toolchain are the same.
 */
export async function buildUpstream(): Promise<string> {
  const go = async (args: string[], more = {}) =>
    (
      await exec('go', args, {
        cwd: source,
        env: { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false', ...more },
        maxBuffer: 64 * 1024 * 1024,
      })
    ).stdout.trim();
  const stamp = path.join(work, 'stamps', 'upstream-wasm');
  const hash = createHash('sha256').update(await go(['env', 'GOVERSION']));
  for (const file of ['go.mod', 'go.sum', 'buildtags/main.go'])
    hash.update(await readFile(path.join(source, file)));
  const key = hash.digest('hex');
  const built = await Promise.all([readFile(stamp, 'utf8'), access(output)]).catch(() => null);
  if (built?.[0] === key) return output;
  process.stderr.write("Building upstream's client (about a minute when nothing is cached)\n");
  const tags = await go(['run', './buildtags']);
  await mkdir(path.dirname(output), { recursive: true });
  await go(
    [
      'build',
      '-mod=readonly',
      '-trimpath',
      '-ldflags=-s -w',
      `-tags=${tags}`,
      '-o',
      output,
      PACKAGE,
    ],
    { GOOS: 'js', GOARCH: 'wasm' },
  );
  await mkdir(path.dirname(stamp), { recursive: true });
  await writeFile(stamp, key);
  return output;
}
