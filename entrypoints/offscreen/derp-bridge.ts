import type { RelaySink, RelaySocket } from '../../wasm/node.d.ts';

/** The largest message that Go sends: relay.MaxMessageBytes in wasm/internal/relay. */
const MAX_MESSAGE_BYTES = 16 * 1024;

/**
 * What may wait here while Go reads nothing. All TCP windows of a unit together are smaller, so more is no terminal's
 * output: the connection ends, and Go makes a new one.
 */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** What is kept to copy messages together; after a larger burst it is let go. */
const MAX_SCRATCH_BYTES = 256 * 1024;

/**
 * Opens the WebSocket to a relay for Go. A relay sends one message for each packet, and entering Go costs more than
 * a packet does: what arrives in one turn of the event loop is handed over together.
 *
 * It dials through `globalThis.WebSocket`, so that addresses are mended and sockets can be aborted.
 * @throws DOMException when the address belongs to no unit
 */
export function openRelay(url: string, sink: RelaySink): RelaySocket {
  const socket = new WebSocket(url, ['derp']);
  socket.binaryType = 'arraybuffer';
  const inbox = new Inbox(sink);
  const buffer = new Uint8Array(MAX_MESSAGE_BYTES);
  let isOver = false;

  socket.addEventListener('open', () => {
    if (!isOver) sink.opened();
  });
  socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
    if (isOver) return;
    if (inbox.add(new Uint8Array(data))) return;
    inbox.drop();
    end('more arrived than Go could take');
    socket.close();
  });
  socket.addEventListener('close', ({ code, reason }) => {
    end(`closed with ${code}${reason ? ` ${reason}` : ''}`);
  });
  const end = (reason: string) => {
    if (isOver) return;
    isOver = true;
    inbox.finish();
    sink.closed(reason);
  };

  return {
    buffer,
    send(length) {
      if (isOver) return 0;
      socket.send(buffer.subarray(0, length));
      return socket.bufferedAmount;
    },
    unsent: () => (isOver ? 0 : socket.bufferedAmount),
    resume: () => inbox.resume(),
    close() {
      isOver = true;
      inbox.drop();
      socket.close();
    },
  };
}

/** Messages on their way into Go. */
class Inbox {
  readonly #sink: RelaySink;
  readonly #turn = new MessageChannel();
  #messages: Uint8Array[] = [];
  #bytes = 0;
  /** A turn of the event loop is asked for, or Go is full: messages wait. */
  #isWaiting = false;
  #scratch = new Uint8Array(4096);

  constructor(sink: RelaySink) {
    this.#sink = sink;
    this.#turn.port1.addEventListener('message', () => {
      this.#isWaiting = false;
      this.#deliver();
    });
    this.#turn.port1.start();
  }

  /** Returns false when too much waits. */
  add(message: Uint8Array): boolean {
    this.#messages.push(message);
    this.#bytes += message.length;
    if (this.#isWaiting) return this.#bytes <= MAX_WAITING_BYTES;
    this.#isWaiting = true;
    this.#turn.port2.postMessage(null);
    return true;
  }

  /** Go has room again. */
  resume(): void {
    this.#turn.port2.postMessage(null);
  }

  /** Hands over what came before the end; Go takes it even when it is full. */
  finish(): void {
    this.#deliver();
    this.drop();
  }

  drop(): void {
    this.#messages = [];
    this.#bytes = 0;
    this.#turn.port1.close();
  }

  #deliver(): void {
    if (this.#bytes === 0) return;
    const [length, messages] = [this.#bytes, this.#messages];
    this.#messages = [];
    this.#bytes = 0;
    if (length > this.#scratch.length) this.#scratch = new Uint8Array(length);
    const scratch = this.#scratch;
    if (length > MAX_SCRATCH_BYTES) this.#scratch = new Uint8Array(MAX_SCRATCH_BYTES);
    let offset = 0;
    for (const message of messages) {
      scratch.set(message, offset);
      offset += message.length;
    }
    // Go copies before it returns.
    if (!this.#sink.received(scratch, length)) this.#isWaiting = true;
  }
}
