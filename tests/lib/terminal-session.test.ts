import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTerminalSession } from '../../lib/terminal-session.ts';
import type { TerminalSession } from '../../lib/terminal-state.ts';
import type { FaultCode } from '../../protocol/contexts.ts';
import type { TabMessage, WorkerMessage } from '../../protocol/terminal-port.ts';

/** The worker's end of the ports that a session hands over, played by the test. */
class Worker {
  readonly ports: MessagePort[] = [];
  readonly heard: (TabMessage | Uint8Array)[] = [];

  readonly handOver = async (port: MessagePort) => {
    this.ports.push(port);
    port.addEventListener('message', ({ data }) => this.heard.push(data as TabMessage));
    port.start();
  };
  say(message: WorkerMessage | Uint8Array): void {
    this.ports.at(-1)?.postMessage(message);
  }
  heardOf<K extends TabMessage['kind']>(kind: K): Extract<TabMessage, { kind: K }>[] {
    return this.heard.filter((one) => 'kind' in one && one.kind === kind) as never;
  }
  close(): void {
    for (const port of this.ports) port.close();
  }
}

let worker: Worker;
let session: TerminalSession;
const written: Uint8Array[] = [];
const parsed: (() => void)[] = [];

beforeEach(async () => {
  worker = new Worker();
  written.length = 0;
  parsed.length = 0;
  session = openTerminalSession(
    {
      hubId: '01JD0000000000000000000000',
      session: 'main',
      cols: 80,
      rows: 24,
      write(bytes, done) {
        written.push(bytes);
        parsed.push(done);
      },
      onAttach: () => {},
    },
    worker.handOver,
  );
  await expect.poll(() => worker.heardOf('open')).toHaveLength(1);
});
afterEach(() => {
  session.close();
  worker.close();
});

const open = async () => {
  worker.say({ kind: 'opened', hubName: 'build-01', sshUser: 'dev' });
  await expect.poll(() => session.state.kind).toBe('open');
};
const fail = async (code: FaultCode) => {
  worker.say({ kind: 'failed', fault: { code, detail: '' } });
  await expect.poll(() => session.state.kind).toMatch(/^(failed|reconnecting)$/);
};

test('a session is asked for with its size, and credit for output follows', async () => {
  expect(worker.heardOf('open')[0]).toMatchObject({ session: 'main', cols: 80, rows: 24 });
  await expect.poll(() => worker.heardOf('grant')).toEqual([{ kind: 'grant', bytes: 262_144 }]);
});

test('the steps of connecting are kept in order', async () => {
  worker.say({ kind: 'step', step: 'network' });
  worker.say({ kind: 'step', step: 'hub', detail: 'relay fra' });
  await expect
    .poll(() => (session.state.kind === 'connecting' ? session.state.done.length : 0))
    .toBe(2);
});

test('credit goes back only when the emulator has parsed, in pieces of 64 KiB', async () => {
  await open();
  const chunk = () => new Uint8Array(40_000);
  worker.say(chunk());
  worker.say(chunk());
  await expect.poll(() => parsed.length).toBe(2);
  const grants = () => worker.heardOf('grant').length;
  expect(grants()).toBe(1);
  parsed[0]?.();
  parsed[1]?.();
  await expect.poll(grants).toBe(2);
  expect(worker.heardOf('grant')[1]).toEqual({ kind: 'grant', bytes: 80_000 });
});

test('typed bytes are sent as they are, and the caller keeps its own', async () => {
  await open();
  const bytes = new TextEncoder().encode('é');
  session.send(bytes);
  await expect.poll(() => worker.heard.filter((one) => one instanceof Uint8Array)).toEqual([bytes]);
  expect(bytes).toHaveLength(2);
});

test('input that the hub does not take waits in the tab', async () => {
  await open();
  const bytes = Uint8Array.from({ length: 1_000_000 }, (_, i) => i % 251);
  session.send(bytes);
  const heard = () => worker.heard.filter((one) => one instanceof Uint8Array);
  const heardBytes = () => heard().reduce((sum, { length }) => sum + length, 0);
  await expect.poll(heardBytes).toBe(262_144);
  worker.say({ kind: 'accepted', bytes: 65_536 });
  await expect.poll(heardBytes).toBe(327_680);
  worker.say({ kind: 'accepted', bytes: 262_144 });
  await expect.poll(heardBytes).toBe(589_824);
  worker.say({ kind: 'accepted', bytes: 262_144 });
  worker.say({ kind: 'accepted', bytes: 262_144 });
  await expect.poll(heardBytes).toBe(1_000_000);
  expect(Buffer.concat(heard()).equals(bytes)).toBe(true);
});

test('pieces of input that never left are said to be lost with the connection', async () => {
  await open();
  session.send(new Uint8Array(600_000)); // ten pieces, of which four leave
  await fail('connection-lost');
  expect(session.state).toMatchObject({ kind: 'reconnecting', keysNotSent: 6 });
});

test('many sizes in one drag are told once, the last one', async () => {
  await open();
  for (let cols = 81; cols <= 100; cols += 1) session.resize(cols, 24);
  await expect
    .poll(() => worker.heardOf('resize'))
    .toEqual([{ kind: 'resize', cols: 100, rows: 24 }]);
});

test('a size that was there and back has tmux draw again what did not fit meanwhile', async () => {
  await open();
  session.resize(40, 12);
  session.resize(80, 24);
  await expect
    .poll(() => worker.heardOf('resize'))
    .toEqual([
      { kind: 'resize', cols: 80, rows: 25 },
      { kind: 'resize', cols: 80, rows: 24 },
    ]);
});

describe('when the connection is lost', () => {
  test('it is tried again by itself, and keys typed meanwhile are counted, not kept', async () => {
    await open();
    await fail('connection-lost');
    session.send(new Uint8Array([97]));
    session.send(new Uint8Array([98]));
    expect(session.state).toMatchObject({ kind: 'reconnecting', keysNotSent: 2, hadScreen: true });
    await expect.poll(() => worker.ports.length, { timeout: 3000 }).toBe(2);
    await open();
    expect(worker.heard.filter((one) => one instanceof Uint8Array)).toEqual([]);
  });

  test('a person need not wait for the next try', async () => {
    await open();
    await fail('hub-unreachable');
    session.retryNow();
    await expect.poll(() => worker.ports.length, { timeout: 400 }).toBe(2);
  });

  test('a worker that dies is noticed by its lock', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const held = navigator.locks.request('worker:test', () => promise);
    worker.say({ kind: 'hello', workerLock: 'worker:test' });
    await open();
    resolve();
    await held;
    await expect
      .poll(() => session.state)
      .toMatchObject({
        kind: 'reconnecting',
        fault: { code: 'worker-lost' },
      });
  });

  test.each(['session-gone', 'hub-removed', 'host-key-mismatch', 'unknown-user'] as const)(
    '%s is not tried again by itself',
    async (code) => {
      await fail(code);
      expect(session.state).toMatchObject({ kind: 'failed', fault: { code } });
    },
  );
});

test('an ended session is not a lost one', async () => {
  await open();
  worker.say({ kind: 'ended', how: 'exited', code: 0 });
  await expect.poll(() => session.state).toMatchObject({ kind: 'ended', how: 'exited', code: 0 });
});

test('what a replaced port still says changes nothing', async () => {
  await open();
  await fail('connection-lost');
  session.retryNow();
  await expect.poll(() => worker.ports.length).toBe(2);
  await open();
  worker.ports[0]?.postMessage({ kind: 'ended', how: 'exited' });
  worker.say({ kind: 'path', via: 'fra', rttMs: 1 });
  await expect.poll(() => session.state).toMatchObject({ kind: 'open', path: { via: 'fra' } });
});
