import { allowControl } from '../../../entrypoints/offscreen/control-servers.ts';
import { startTailnet } from '../../../entrypoints/offscreen/wasm.ts';
import type { BrowserKey } from '../../../protocol/hubs.ts';
import type { Channel, OpenOptions, TailnetClient, Unit } from '../../../wasm/node.d.ts';
import type { BenchChannel, BenchClient, OnData } from './client.ts';

/** What a terminal page allows ahead of its emulator (lib/terminal-session.ts), and in what pieces it renews that. */
const WINDOW_BYTES = 256 * 1024;
const GRANT_BYTES = 64 * 1024;

/** The product's own program, started and spoken to by the product's own code. */
export class OurClient implements BenchClient {
  #client: TailnetClient | undefined;
  #unit: Unit | undefined;
  #user = '';

  async start(): Promise<void> {
    this.#client = await startTailnet((lastWords) => {
      throw new Error(`the program ended: ${lastWords}`);
    });
  }

  async join({ authKey, controlUrl, hostname, hub }: BrowserKey): Promise<void> {
    if (!this.#client) throw new Error('invariant: start comes before join');
    allowControl(controlUrl);
    const unit = await this.#client.join({
      id: hub.name,
      controlUrl,
      authKey,
      hostname,
      hub: { nodeKey: hub.nodeKey, hostKeys: hub.hostKeys },
    });
    await new Promise<void>((resolve) =>
      unit.onPeers((peers) => {
        if (peers.some(({ isHub }) => isHub)) resolve();
      }),
    );
    this.#unit ??= unit;
    this.#user = hub.sshUser;
  }

  openShell(onData: OnData): Promise<BenchChannel> {
    return this.#open({ user: this.#user, pty: { cols: 80, rows: 24, term: 'xterm' } }, onData);
  }

  exec(command: string, onData: OnData): Promise<BenchChannel> {
    return this.#open({ user: this.#user, command }, onData);
  }

  heapBytes(): number | undefined {
    return this.#client?.stats().heapBytes;
  }

  async #open(options: OpenOptions, onData: OnData): Promise<BenchChannel> {
    if (!this.#unit) throw new Error('invariant: join comes before open');
    const channel = await this.#unit.open(options);
    receive(channel, onData);
    const encoder = new TextEncoder();
    return {
      write: (text) => channel.write(encoder.encode(text)),
      close: () => channel.close(),
    };
  }
}

/** Takes output under the same credit as a terminal page gives. */
function receive(channel: Channel, onData: OnData): void {
  let takenBytes = 0;
  channel.onData((bytes) => {
    onData(bytes);
    takenBytes += bytes.length;
    if (takenBytes < GRANT_BYTES) return;
    channel.grant(takenBytes);
    takenBytes = 0;
  });
  channel.grant(WINDOW_BYTES);
}
