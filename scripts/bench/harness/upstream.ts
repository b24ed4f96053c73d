import { allowControl } from '../../../entrypoints/offscreen/control-servers.ts';
import type { BrowserKey } from '../../../protocol/hubs.ts';
import type { BenchChannel, BenchClient, OnData } from './client.ts';

/** The part of upstream's surface that is used (tailscale cmd/tsconnect/src/types/wasm_js.d.ts). */
interface UpstreamClient {
  run(callbacks: {
    notifyState(state: string): void;
    notifyNetMap(netMapJson: string): void;
    notifyBrowseToURL(url: string): void;
    notifyPanicRecover(error: string): void;
  }): void;
  login(): void;
  ssh(host: string, user: string, terminal: UpstreamTerminal): { close(): boolean };
}

interface UpstreamTerminal {
  writeFn(text: string): void;
  writeErrorFn(text: string): void;
  setReadFn(read: (text: string) => void): void;
  rows: number;
  cols: number;
  timeoutSeconds: number;
  onConnectionProgress(message: string): void;
  onConnected(): void;
  onDone(): void;
}

declare global {
  var newIPN:
    | ((config: { controlURL: string; authKey: string; hostname: string }) => UpstreamClient)
    | undefined;
}

/** Tailscale's own browser client, as it is, in the same kind of worker and behind the same WebSocket. */
export class UpstreamBench implements BenchClient {
  #client: UpstreamClient | undefined;
  #host = '';
  #user = '';

  async start(): Promise<void> {
    keepLogsHome();
    const glue = '/wasm_exec.js';
    await import(glue);
    const go = new Go();
    const { instance } = await WebAssembly.instantiateStreaming(
      fetch('/upstream.wasm'),
      go.importObject,
    );
    void go.run(instance).then(() => {
      throw new Error('the program ended');
    });
    if (!globalThis.newIPN) throw new Error('upstream did not define newIPN');
  }

  join({ authKey, controlUrl, hostname, hub }: BrowserKey): Promise<void> {
    if (!globalThis.newIPN) throw new Error('invariant: start comes before join');
    allowControl(controlUrl);
    this.#host = hub.ip;
    this.#user = hub.sshUser;
    const client = globalThis.newIPN({ controlURL: controlUrl, authKey, hostname });
    this.#client = client;
    return new Promise((resolve, reject) =>
      client.run({
        notifyState: (state) => {
          if (state === 'NeedsLogin') client.login();
        },
        notifyNetMap: (json) => {
          const { peers } = JSON.parse(json) as { peers: { nodeKey: string }[] | null };
          if (peers?.some(({ nodeKey }) => nodeKey === hub.nodeKey)) resolve();
        },
        notifyBrowseToURL: (url) => reject(new Error(`the key was not enough: ${url}`)),
        notifyPanicRecover: (error) => reject(new Error(error)),
      }),
    );
  }

  openShell(onData: OnData): Promise<BenchChannel> {
    const client = this.#client;
    if (!client) throw new Error('invariant: join comes before open');
    return new Promise((resolve, reject) => {
      let read = (_text: string): void => {};
      const session = client.ssh(this.#host, this.#user, {
        writeFn: onData,
        writeErrorFn: (text) => reject(new Error(text)),
        setReadFn: (given) => (read = given),
        rows: 24,
        cols: 80,
        timeoutSeconds: 15,
        onConnectionProgress: () => {},
        onConnected: () =>
          resolve({ write: async (text) => read(text), close: () => session.close() }),
        onDone: () => reject(new Error('the session ended')),
      });
    });
  }

  heapBytes(): undefined {
    return undefined;
  }
}

/** It uploads its logs to log.tailscale.com until the first netmap tells it not to; nothing leaves the machine here. */
function keepLogsHome(): void {
  const native = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    if (url.protocol === 'https:') return Promise.reject(new TypeError(`not here: ${url.host}`));
    return native(input, init);
  };
}
