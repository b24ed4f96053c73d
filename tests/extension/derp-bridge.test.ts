import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openRelay } from '../../entrypoints/offscreen/derp-bridge.ts';
import type { RelaySink } from '../../wasm/node.d.ts';

/** The browser's WebSocket, driven by hand. */
class FakeSocket extends EventTarget {
  static last: FakeSocket;
  binaryType = 'blob';
  bufferedAmount = 0;
  readonly sent: Uint8Array[] = [];
  closes = 0;

  constructor() {
    super();
    FakeSocket.last = this;
  }

  send(bytes: Uint8Array): void {
    this.sent.push(bytes.slice());
  }

  close(): void {
    this.closes += 1;
  }

  arrive(...bytes: number[]): void {
    this.dispatchEvent(new MessageEvent('message', { data: new Uint8Array(bytes).buffer }));
  }

  end(): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code: 1006, reason: '' }));
  }
}

/** What Go took, call by call. */
class FakeGo implements RelaySink {
  readonly calls: (string | number[])[] = [];
  isFull = false;
  opened(): void {
    this.calls.push('opened');
  }
  received(bytes: Uint8Array, length: number): boolean {
    this.calls.push([...bytes.subarray(0, length)]);
    return !this.isFull;
  }
  closed(reason: string): void {
    this.calls.push(reason);
  }
}

const native = globalThis.WebSocket;
beforeEach(() => {
  globalThis.WebSocket = FakeSocket as unknown as typeof WebSocket;
});
afterEach(() => {
  globalThis.WebSocket = native;
});

function open() {
  const go = new FakeGo();
  const relay = openRelay('wss://hubs.example/derp', go);
  return { go, relay, socket: FakeSocket.last };
}

test('what arrives in one turn is handed over together', async () => {
  const { go, socket } = open();
  socket.dispatchEvent(new Event('open'));
  socket.arrive(1, 2);
  socket.arrive(3);
  socket.arrive(4);
  expect(go.calls).toEqual(['opened']);
  await vi.waitFor(() => expect(go.calls).toEqual(['opened', [1, 2, 3, 4]]));
  socket.arrive(5);
  await vi.waitFor(() => expect(go.calls.at(-1)).toEqual([5]));
});

test('while Go is full, messages wait', async () => {
  const { go, relay, socket } = open();
  go.isFull = true;
  socket.arrive(1);
  await vi.waitFor(() => expect(go.calls).toEqual([[1]]));
  socket.arrive(2);
  socket.arrive(3);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(go.calls).toEqual([[1]]);
  go.isFull = false;
  relay.resume();
  await vi.waitFor(() => expect(go.calls).toEqual([[1], [2, 3]]));
});

test('more than all windows together ends the connection', async () => {
  const { go, socket } = open();
  go.isFull = true;
  socket.arrive(1);
  await vi.waitFor(() => expect(go.calls).toHaveLength(1));
  const data = new ArrayBuffer(8 * 1024 * 1024);
  for (let i = 0; i < 6; i += 1) socket.dispatchEvent(new MessageEvent('message', { data }));
  expect(go.calls.at(-1)).toBe('more arrived than Go could take');
  expect(socket.closes).toBe(1);
});

test('an abort reaches Go at once, after what came before it', () => {
  const { go, relay, socket } = open();
  socket.arrive(1);
  socket.end();
  expect(go.calls).toEqual([[1], 'closed with 1006']);
  socket.arrive(2);
  socket.end();
  expect(go.calls).toHaveLength(2);
  relay.buffer.set([9]);
  expect(relay.send(1)).toBe(0);
  expect(socket.sent).toEqual([]);
});

test('after Go has closed it, Go hears nothing more', async () => {
  const { go, relay, socket } = open();
  socket.arrive(1);
  relay.close();
  relay.close();
  socket.arrive(2);
  socket.end();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(go.calls).toEqual([]);
  expect(socket.closes).toBeGreaterThan(0);
});

test('a message is what Go put into the buffer, and the answer is what waits', () => {
  const { relay, socket } = open();
  relay.buffer.set([7, 8, 9]);
  socket.bufferedAmount = 5;
  expect(relay.send(2)).toBe(5);
  expect(relay.unsent()).toBe(5);
  expect(socket.sent).toEqual([new Uint8Array([7, 8])]);
});

test('an address of no unit is refused while dialling', () => {
  globalThis.WebSocket = function refuse() {
    throw new DOMException('no unit’s server', 'SecurityError');
  } as unknown as typeof WebSocket;
  expect(() => openRelay('wss://elsewhere.example/derp', new FakeGo())).toThrow('no unit');
});
