import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { TokenSet } from '../../protocol/account.ts';
import { parseConfig } from '../../server/config.ts';
import { openDevelopmentDoor } from '../../server/development.ts';
import { startServer } from '../../server/start.ts';
import { newDataDirectory } from './support/database.ts';
import { requireBinary } from './support/tailscale-node.ts';
import { until } from './support/until.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'server', 'main.ts');
const directories: string[] = [];

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

async function newDirectory(): Promise<string> {
  const directory = await newDataDirectory('cli');
  directories.push(directory);
  return directory;
}

/** Runs the command line as a process of its own. */
function cli(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const done = new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (status) => resolve({ status, ...output })),
  );
  return { child, output, done };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the command line', () => {
  it('starts, tells what to do next, pairs beside the running server, and stops clean', async () => {
    requireBinary('headscale');
    const data = await newDirectory();
    const listen = ['--listen', '127.0.0.1:0', '--headscale-listen', '127.0.0.1:0'];
    const server = cli('start', '--data', data, ...listen);
    onTestFinished(() => void server.child.kill('SIGKILL'));
    await until('it has started', () => server.output.stdout.includes('/setup#t='));
    const renewed = await cli('setup-url', '--data', data).done;
    expect(renewed.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/setup#t=hti_[\w-]{43}\n$/);
    const url = /address +(\S+)/.exec(server.output.stdout)?.[1] ?? '';
    const headscalePid = Number(readFileSync(join(data, 'headscale', 'headscale.pid'), 'utf8'));

    const second = await cli('start', '--data', data, ...listen).done;
    expect([second.status, second.stderr]).toEqual([
      1,
      expect.stringContaining('another server is running'),
    ]);

    const added = await cli('user', 'add', 'Alice@Example.test', '--admin', '--data', data).done;
    expect([added.status, added.stderr]).toEqual([0, '']);
    const late = await cli('setup-url', '--data', data).done;
    expect([late.status, late.stderr]).toEqual([1, expect.stringContaining('an admin already')]);
    const twice = await cli('user', 'add', 'alice@example.test', '--data', data).done;
    expect([twice.status, twice.stderr]).toEqual([1, expect.stringContaining('already')]);
    const listed = await cli('user', 'list', '--json', '--data', data).done;
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { email: 'alice@example.test', role: 'admin', status: 'active' },
    ]);
    const invited = await cli('user', 'invite', 'ben@example.test', '--data', data).done;
    expect(invited.stdout).toMatch(new RegExp(`^${url}/invitation#t=\\S{20,}\\n$`));
    for (const [verb, status] of [
      ['disable', 'disabled'],
      ['enable', 'active'],
    ] as const) {
      expect((await cli('user', verb, 'alice@example.test', '--data', data).done).status).toBe(0);
      const after = await cli('user', 'list', '--json', '--data', data).done;
      expect(JSON.parse(after.stdout)).toMatchObject([{ status }]);
    }
    const nobody = await cli('user', 'disable', 'nobody@example.test', '--data', data).done;
    expect([nobody.status, nobody.stderr]).toEqual([1, expect.stringContaining('no account')]);
    const code = await cli('pairing-code', 'alice@example.test', '--data', data).done;
    const typed = /Pairing code: (\S+)/.exec(code.stdout)?.[1];
    const paired = await fetch(`${url}/v1/pair`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: typed }),
    });
    expect(TokenSet.parse(await paired.json()).scope).toContain('keys:issue');

    server.child.kill('SIGTERM');
    expect((await server.done).status).toBe(0);
    expect(isAlive(headscalePid)).toBe(false);
    expect(server.output.stderr).not.toContain('"level":"error"');
  });

  it.each([
    [['start', '--listen', '0.0.0.0:8080'], 'listen: 0.0.0.0 is not loopback'],
    [['start', '--listen', 'nonsense'], 'listen: expected host:port'],
    [['start', '--public-url', 'ftp://x'], 'publicUrl: expected http(s)://host'],
    [
      ['start', '--listen', '0.0.0.0:8080', '--behind-proxy', '10.0.0.7'],
      'publicUrl: needed with behindProxy',
    ],
    [['start', '--behind-proxy', '0.0.0.0/0'], 'behindProxy.0: expected an address or a network'],
    [['start', '--behind-proxy', 'proxy.lan'], 'behindProxy.0: expected an address or a network'],
    [['start', '--headscale-url', 'http://127.0.0.1:1'], 'headscale.apiKeyFile: '],
    [['start', '--nonsense'], "Unknown option '--nonsense'"],
    [['user', 'add', 'nobody'], 'expected one e-mail address'],
    [['nonsense'], 'there is no command "nonsense"'],
  ])('%j fails with a sentence that names what is wrong', async (args, message) => {
    const { status, stderr } = await cli(...args, ...(await dataOption(args))).done;
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  async function dataOption(args: string[]): Promise<string[]> {
    return args[0] === 'nonsense' ? [] : ['--data', await newDirectory()];
  }
});

describe('startServer', () => {
  const LISTEN = { listen: '127.0.0.1:0', headscale: { listen: '127.0.0.1:0' } };
  const quiet = { log: () => {} };

  it('keeps the socket of Headscale short in a deep data directory', async () => {
    const dataDir = join(await newDirectory(), 'd'.repeat(90));
    const server = await startServer({ dataDir, ...LISTEN }, quiet);
    const config = readFileSync(join(dataDir, 'headscale', 'headscale.yaml'), 'utf8');
    const socket = /unix_socket: (\S+)/.exec(config)?.[1] ?? '';
    expect([socket.length < 100, existsSync(socket)]).toEqual([true, true]);
    await server.stop();
    expect(existsSync(join(socket, '..'))).toBe(false);
  });

  it('ends a Headscale that a killed server left behind', async () => {
    const data = await newDirectory();
    const options = ['--listen', '127.0.0.1:0', '--headscale-listen', '127.0.0.1:0'];
    const killed = cli('start', '--data', data, ...options);
    await until('it has started', () => killed.output.stdout.includes('/setup#t='));
    const orphan = Number(readFileSync(join(data, 'headscale', 'headscale.pid'), 'utf8'));
    killed.child.kill('SIGKILL');
    await killed.done;
    expect(isAlive(orphan)).toBe(true);
    const server = await startServer({ dataDir: data, ...LISTEN }, quiet);
    await until('the orphan is gone', () => !isAlive(orphan));
    await server.stop();
  });

  it('opens the development door only when it was asked to', async () => {
    const server = await startServer({ dataDir: await newDirectory(), ...LISTEN }, quiet);
    expect(() => openDevelopmentDoor(server)).toThrow(/only with `development: true`/);
    await server.stop();
    expect(() =>
      parseConfig({
        dataDir: 'x',
        development: true,
        listen: '0.0.0.0:1',
        behindProxy: ['10.0.0.7'],
      }),
    ).toThrow(/development: only on a loopback address/);
  });

  it('leaves nothing behind when a part fails to start', async () => {
    const dataDir = await newDirectory();
    const headscale = { binary: '/nonexistent' };
    const start = () => startServer({ dataDir, listen: '127.0.0.1:0', headscale }, quiet);
    await expect(start()).rejects.toThrow('headscale.binary: /nonexistent is not an executable');
    await expect(start()).rejects.toThrow('headscale.binary'); // and not the lock of the first try
  });
});
