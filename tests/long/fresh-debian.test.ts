import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HubList } from '../../protocol/hubs.ts';
import { buildBundles } from '../../scripts/build-bundles.ts';
import { run, type Finished } from '../../scripts/stack/run.ts';
import { startRealServer } from '../hub/real-server.ts';
import { makeDebian } from './debian-root.ts';

// A Debian with nothing but what debootstrap puts there, curl, tmux and Node. Only root can make one.
const isRoot = userInfo().uid === 0;

let server: Awaited<ReturnType<typeof startRealServer>>;
let directory: string;
const debian = () => join(directory, 'debian');

beforeAll(async () => {
  if (!isRoot) return;
  await buildBundles();
  server = await startRealServer();
  directory = mkdtempSync(join(tmpdir(), 'hubtab-debian-'));
  await makeDebian(debian(), ['ca-certificates', 'curl', 'tmux']);
  const find = ['exec', '--yes', '--package=node@22', '--', 'sh', '-c', 'command -v node'];
  const node = execFileSync('/usr/bin/npm', find, { encoding: 'utf8', cwd: '/' }).trim();
  copyFileSync(node, join(debian(), 'usr', 'local', 'bin', 'node'));
  execFileSync('chroot', [debian(), 'useradd', '-m', '-s', '/bin/bash', 'worker']);
}, 600_000);
afterAll(async () => {
  await server?.stop();
  if (directory) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

/**
 * Runs a script in there as the ordinary user. Mounts and processes are in namespaces of their own, so that whatever it
 * starts ends with it; the network is the machine's, where the server listens on loopback.
 */
function inside(script: string): Promise<Finished> {
  const enter = `mount --rbind /dev "$1/dev" && exec chroot "$1" /bin/su - worker -c "$2"`;
  const namespaces = [
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    `--mount-proc=${debian()}/proc`,
  ];
  return run('unshare', [...namespaces, 'sh', '-c', enter, 'sh', debian(), script]);
}

async function pastedLine(): Promise<string> {
  const token = await server.createJoinToken();
  return `curl -fsSL ${server.url}/install.sh | sh -s -- ${token} --name Fresh`;
}

it.runIf(isRoot)(
  'without tmux or Node the line says what to do and leaves nothing behind',
  async () => {
    for (const [program, words] of [
      ['usr/bin/tmux', 'tmux 3.2 or newer is missing: sudo apt-get install -y tmux'],
      ['usr/local/bin/node', 'Node 22 or newer is missing: sudo apt-get install -y nodejs'],
    ] as const) {
      const path = join(debian(), program);
      execFileSync('mv', [path, `${path}.away`]);
      const result = await inside(
        `${await pastedLine()}; echo "exit $?"; ls -A /tmp ~/.local 2>&1`,
      );
      execFileSync('mv', [`${path}.away`, path]);
      expect(result.stderr).toContain(words);
      expect(result.stdout).toContain('exit 6\n');
      expect(result.stdout).toContain("cannot access '/home/worker/.local'");
      expect(existsSync(join(debian(), 'home', 'worker', '.local'))).toBe(false);
    }
  },
);

it.runIf(isRoot)('without curl nothing runs at all', async () => {
  const path = join(debian(), 'usr', 'bin', 'curl');
  execFileSync('mv', [path, `${path}.away`]);
  const result = await inside(`${await pastedLine()}; ls -A ~/.local 2>&1`);
  execFileSync('mv', [`${path}.away`, path]);
  expect(result.stderr).toContain('curl: command not found');
  expect(result.stdout).toContain("cannot access '/home/worker/.local'");
});

it.runIf(isRoot)('the pasted line alone makes it a hub', async () => {
  const script = `${await pastedLine()} && ~/.local/bin/hubtab hub status --json`;
  const result = await inside(script);
  expect(result.stderr).toContain('Fresh is online at 100.');
  expect(result).toMatchObject({ code: 0 });
  expect(JSON.parse(result.stdout)).toMatchObject({
    joined: true,
    online: true,
    tmux: { running: true },
  });
  const { hubs } = HubList.parse(await server.api('GET', '/v1/hubs'));
  expect(hubs).toMatchObject([{ name: 'Fresh', sshUser: 'worker' }]);
});
