import { socketAddress } from './control-servers.ts';
import { delayOn, faultOn, isLost, isRefused } from './faults-for-tests.ts';
import type { LiveSocket, SocketRole } from './live-socket.ts';

/** Browsers take 1000 and 3000 to 4999 only (HTML, WebSocket.close); Go's library also uses 1001 and 1008. */
export function legalCloseCode(code: number | undefined): number | undefined {
  if (code === undefined || code === 1000 || (code >= 3000 && code <= 4999)) return code;
  return code > 1000 && code < 3000 ? 3000 + code : 4000;
}

const live = new Set<LiveSocket>();

/** The sockets there are now. */
export function liveSockets(): readonly LiveSocket[] {
  return [...live];
}

/**
 * Ends sockets that have been silent for some time, for Go to make new ones. A socket whose other end has vanished never
 * says so: Go would wait two minutes for a read, and `close()` up to another for the browser's closing handshake.
 * @param silentMs how long nothing came; 0 ends all
 */
export function abortSockets(silentMs: number, role?: SocketRole): void {
  const before = Date.now() - silentMs;
  for (const socket of live)
    if ((role === undefined || socket.role === role) && socket.heardAtMs <= before) socket.abort();
}

/**
 * Replaces the global class by the one that Go is to see: it mends addresses, refuses hosts that are no unit's, maps close
 * codes that browsers refuse, and knows every live socket, so that a dead one can be ended. Call it before Go runs.
 */
export function installSockets(): void {
  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class extends Native {
    /** Go has been told of the end: what still comes is not for it. */
    #isOver = false;
    readonly #entry: LiveSocket;

    constructor(asked: string | URL, protocols?: string | string[]) {
      const address = socketAddress(String(asked));
      super(address, protocols);
      const { pathname, host } = new URL(address);
      this.#entry = {
        role: pathname === '/derp' ? 'relay' : 'control',
        host,
        bytesIn: 0,
        bytesOut: 0,
        heardAtMs: Date.now(),
        abort: () => this.#end(1006, false),
      };
      live.add(this.#entry);
      // These listeners are the first, so they can keep from Go's what must not reach them.
      for (const type of ['open', 'message', 'error', 'close'] as const)
        this.addEventListener(type, (event) => this.#pass(event));
      if (isRefused(this.#entry)) setTimeout(() => this.#entry.abort());
    }

    override send(data: string | Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer>): void {
      if (faultOn(this.#entry)) return;
      if (ArrayBuffer.isView(data)) this.#entry.bytesOut += data.byteLength;
      super.send(data);
    }

    /**
     * Ends the socket for Go in the next turn, and for the network after it: Go waits for the `close` event, which comes
     * up to a minute late when the other side is gone.
     */
    override close(code = 1000): void {
      setTimeout(() => this.#end(code, true));
    }

    #pass(event: Event): void {
      // A `close` always follows an `error`. Go must not see the latter: its handler closes the socket and waits for
      // `close` inside the event, which blocks the worker for ever (coder/websocket ws_js.go, closeWithInternal).
      const isHidden =
        event.type === 'error' ||
        (event.isTrusted && (this.#isOver || faultOn(this.#entry))) ||
        (event.type === 'message' && event.isTrusted && isLost(this.#entry));
      const delayMs = event.isTrusted ? delayOn(this.#entry) : 0;
      if (isHidden) event.stopImmediatePropagation();
      else if (delayMs > 0) {
        event.stopImmediatePropagation();
        setTimeout(() => this.#isOver || this.dispatchEvent(copyOf(event)), delayMs);
      } else if (event instanceof MessageEvent) {
        this.#entry.heardAtMs = Date.now();
        this.#entry.bytesIn += (event.data as ArrayBuffer).byteLength ?? 0;
      } else if (event.type === 'close') live.delete(this.#entry);
    }

    #end(code: number, wasClean: boolean): void {
      if (this.#isOver || !live.has(this.#entry)) return;
      this.#isOver = true;
      this.dispatchEvent(new CloseEvent('close', { code, wasClean }));
      super.close(legalCloseCode(code));
    }
  };
}

/** The same event once more: one that was dispatched cannot be dispatched again. */
function copyOf(event: Event): Event {
  if (event instanceof MessageEvent) return new MessageEvent(event.type, { data: event.data });
  if (event instanceof CloseEvent)
    return new CloseEvent(event.type, {
      code: event.code,
      reason: event.reason,
      wasClean: event.wasClean,
    });
  return new Event(event.type);
}
