import { attachCommand, hasSessionCommand, isSessionName } from '../../lib/tmux.ts';
import { faultOfCommand } from '../../lib/tmux-faults.ts';
import { whenGone } from '../../lib/locks.ts';
import type { Fault } from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';
import type { TabMessage, TerminalStep, WorkerMessage } from '../../protocol/terminal-port.ts';
import type { Channel, ChannelEnd, OpenOptions } from '../../wasm/node.d.ts';
import { faultOf } from './faults.ts';
import { runCommand } from './run-command.ts';
import { RunningJob } from './running-job.ts';
import type { Units } from './units.ts';

type Open = Extract<TabMessage, { kind: 'open' }>;
type ForTerminal = Exclude<TabMessage, { kind: 'open' | 'run' | 'end-input' }>;

/** How often an open terminal measures the way to its hub, ms: how soon a silent one is noticed. */
const PING_MS = 5000;

/** Every escape sequence starts so; tmux sends some before any text, while a shell's or tmux's complaint has none. */
const ESCAPE = 0x1b;

/**
 * Serves a terminal, or one job on a hub, on a page's port, until either side ends.
 * @param onSessionOver called when it turned out that the session is no longer there
 */
export function serveTerminal(
  port: MessagePort,
  workerLock: string,
  units: Units,
  onSessionOver: (hubId: HubId) => void,
): void {
  const post = (message: WorkerMessage) => port.postMessage(message);
  let terminal: Terminal | undefined;
  let job: RunningJob | undefined;
  port.addEventListener('message', ({ data }: MessageEvent<TabMessage | Uint8Array>) => {
    if (data instanceof Uint8Array) (job ?? terminal)?.input(data);
    else if (data.kind === 'open') terminal ??= new Terminal(port, data, units, onSessionOver);
    else if (data.kind === 'run') job ??= new RunningJob(port, data, units);
    else if (job) job.take(data);
    else if (data.kind !== 'end-input') terminal?.take(data);
  });
  port.start();
  post({ kind: 'hello', workerLock });
}

class Terminal {
  readonly #port: MessagePort;
  readonly #open: Open;
  readonly #units: Units;
  readonly #onSessionOver: (hubId: HubId) => void;
  readonly #ended = new AbortController();
  #channel: Channel | undefined;
  #size: { cols: number; rows: number };
  #creditBytes = 0;
  #accepted: Promise<void> = Promise.resolve();
  /** Output held back until it is known to be tmux's and not a complaint. */
  #heldBack: Uint8Array[] | null = [];

  constructor(port: MessagePort, open: Open, units: Units, onSessionOver: (hubId: HubId) => void) {
    this.#port = port;
    this.#open = open;
    this.#units = units;
    this.#onSessionOver = onSessionOver;
    this.#size = open;
    const { signal } = this.#ended;
    whenGone(open.tabLock, signal, () => this.#end());
    signal.addEventListener('abort', () => this.#channel?.close());
    signal.addEventListener(
      'abort',
      units.onLost(open.hubId, (fault) => this.#fail(fault)),
    );
    this.#run().catch((error: unknown) => this.#fail(faultOf(error)));
  }

  take(message: ForTerminal): void {
    switch (message.kind) {
      case 'resize':
        this.#size = message;
        this.#channel?.resize(message.cols, message.rows);
        return;
      case 'grant':
        if (this.#channel) this.#channel.grant(message.bytes);
        else this.#creditBytes += message.bytes;
        return;
      case 'close':
        this.#end();
    }
  }

  input(bytes: Uint8Array): void {
    // One after the other: the next write waits until the hub's window took the one before.
    this.#accepted = this.#accepted.then(async () => {
      await this.#channel?.write(bytes);
      this.#post({ kind: 'accepted', bytes: bytes.length });
    });
    this.#accepted.catch(() => {}); // the channel's end says why
  }

  async #run(): Promise<void> {
    const { hubId, session } = this.#open;
    if (!isSessionName(session)) {
      this.#fail({ code: 'session-name-refused', detail: `not a session name: ${session}` });
      return;
    }
    const { channel, joined } = await this.#units.open(
      hubId,
      (hub) => this.#openOptions(attachCommand(hub.tmux, session), hub.sshUser),
      () => this.#step('network'),
    );
    this.#channel = channel;
    if (this.#ended.signal.aborted) {
      channel.close();
      return;
    }
    this.#step('shell', joined.hub.sshUser);
    const opened = () => {
      this.#step('session');
      this.#post({ kind: 'opened', hubName: joined.hub.name, sshUser: joined.hub.sshUser });
      void this.#measure();
    };
    channel.onData((bytes) => this.#output(bytes, opened));
    // The window may have changed while the channel was opened.
    channel.resize(this.#size.cols, this.#size.rows);
    channel.grant(this.#creditBytes);
    await this.#tellEnd(await channel.closed);
  }

  #openOptions(command: string, user: string): OpenOptions {
    const { cols, rows } = this.#size;
    return {
      user,
      command,
      pty: { cols, rows, term: 'xterm-256color' },
      env: { COLORTERM: 'truecolor' },
      onStep: (step) => {
        if (step === 'hub-answers') this.#step('hub');
        if (step === 'host-key') this.#step('host-key');
      },
    };
  }

  #output(bytes: Uint8Array, opened: () => void): void {
    if (this.#heldBack) {
      this.#heldBack.push(bytes);
      if (!bytes.includes(ESCAPE)) return;
      const held = this.#heldBack;
      this.#heldBack = null;
      opened();
      for (const part of held) this.#port.postMessage(part, [part.buffer]);
    } else this.#port.postMessage(bytes, [bytes.buffer]);
  }

  /** Says why the channel ended: the session's end, our being detached from it, or a fault. */
  async #tellEnd(end: ChannelEnd): Promise<void> {
    if (this.#heldBack) {
      const text = this.#heldBack.map((part) => new TextDecoder().decode(part)).join('');
      this.#fail(faultOfCommand(end, text));
      return;
    }
    if (end.reason === 'closed') return;
    if (end.reason !== 'exited') {
      this.#fail({ code: end.reason, detail: 'the channel ended' });
      return;
    }
    // tmux ends alike when the session ended and when its server or the hub went down: ask.
    const { hubId, session } = this.#open;
    const asked = await runCommand(this.#units, hubId, ({ tmux }) =>
      hasSessionCommand(tmux, session),
    );
    const code = end.code === undefined ? {} : { code: end.code };
    if (asked.end.code === 1) {
      this.#onSessionOver(hubId);
      this.#tell({ kind: 'ended', how: 'exited', ...code });
    } else if (asked.end.code === 0 && end.code === 0)
      this.#tell({ kind: 'ended', how: 'detached', ...code });
    else this.#fail({ code: 'connection-lost', detail: `tmux ended with ${end.code}` });
  }

  /** Measures until the terminal ends, one ping after the other. What a failed one means shows elsewhere. */
  async #measure(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      try {
        this.#post({ kind: 'path', ...(await this.#units.ping(this.#open.hubId)) });
      } catch {
        // Sockets are being made anew; the channel or the unit says what came of it.
      }
      await new Promise((resolve) => setTimeout(resolve, PING_MS));
    }
  }

  #step(step: TerminalStep, detail?: string): void {
    this.#post({ kind: 'step', step, ...(detail ? { detail } : {}) });
  }

  #post(message: WorkerMessage): void {
    if (!this.#ended.signal.aborted) this.#port.postMessage(message);
  }

  #fail(fault: Fault): void {
    if (fault.code === 'session-gone') this.#onSessionOver(this.#open.hubId);
    this.#tell({ kind: 'failed', fault });
  }

  #tell(last: WorkerMessage): void {
    this.#post(last);
    this.#end();
  }

  #end(): void {
    this.#ended.abort();
  }
}
