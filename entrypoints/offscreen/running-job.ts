import { jobCommand } from '../../lib/hub-commands.ts';
import { whenGone } from '../../lib/locks.ts';
import type { TabMessage, WorkerMessage } from '../../protocol/terminal-port.ts';
import type { Channel } from '../../wasm/node.d.ts';
import { faultOf } from './faults.ts';
import type { Units } from './units.ts';

/** Longest complaint of a command that is passed on, bytes. */
const MAX_STDERR_BYTES = 4096;

/** One command on a hub for a page, with its input and output on the page's port. A page that is gone ends it. */
export class RunningJob {
  readonly #port: MessagePort;
  readonly #ended = new AbortController();
  readonly #channel: Promise<Channel>;
  /** Input is written one piece after the other, each when the hub's window took the one before. */
  #written: Promise<void> = Promise.resolve();
  #stderr: number[] = [];

  constructor(port: MessagePort, run: Extract<TabMessage, { kind: 'run' }>, units: Units) {
    this.#port = port;
    const { signal } = this.#ended;
    whenGone(run.tabLock, signal, () => this.#ended.abort());
    signal.addEventListener(
      'abort',
      units.onLost(run.hubId, (fault) => this.#tell({ kind: 'failed', fault })),
    );
    this.#channel = units
      .open(run.hubId, (hub) => ({ user: hub.sshUser, command: jobCommand(run.job, hub.tmux) }))
      .then(({ channel }) => channel);
    this.#follow(signal).catch((error: unknown) =>
      this.#tell({ kind: 'failed', fault: faultOf(error) }),
    );
  }

  input(bytes: Uint8Array): void {
    this.#write(async (channel) => {
      await channel.write(bytes);
      this.#post({ kind: 'accepted', bytes: bytes.length });
    });
  }

  take(message: Exclude<TabMessage, { kind: 'open' | 'run' }>): void {
    switch (message.kind) {
      case 'end-input':
        this.#write((channel) => channel.end());
        return;
      case 'grant':
        void this.#channel.then((channel) => channel.grant(message.bytes)).catch(() => undefined); // the end says why
        return;
      case 'close':
        this.#ended.abort();
        return;
      case 'resize': // a job has no screen
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const channel = await this.#channel;
    signal.addEventListener('abort', () => channel.close());
    if (signal.aborted) {
      channel.close();
      return;
    }
    channel.onData((bytes) => {
      if (!signal.aborted) this.#port.postMessage(bytes, [bytes.buffer]);
    });
    channel.onStderr((bytes) => {
      this.#stderr.push(...bytes.subarray(0, MAX_STDERR_BYTES - this.#stderr.length));
    });
    const end = await channel.closed;
    if (end.reason === 'exited') {
      const stderr = new TextDecoder().decode(Uint8Array.from(this.#stderr));
      const code = end.code === undefined ? {} : { code: end.code };
      this.#tell({ kind: 'finished', ...code, stderr });
    } else if (end.reason !== 'closed')
      this.#tell({ kind: 'failed', fault: { code: end.reason, detail: 'the channel ended' } });
  }

  #write(write: (channel: Channel) => Promise<void>): void {
    this.#written = this.#written.then(async () => {
      if (!this.#ended.signal.aborted) await write(await this.#channel);
    });
    this.#written.catch(() => {}); // the channel's end says why
  }

  #post(message: WorkerMessage): void {
    if (!this.#ended.signal.aborted) this.#port.postMessage(message);
  }

  #tell(last: WorkerMessage): void {
    this.#post(last);
    this.#ended.abort();
  }
}
