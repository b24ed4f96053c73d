import { send, serve } from '../../lib/messaging.ts';
import { whenGone } from '../../lib/locks.ts';
import { relay, type Relay } from '../../lib/relay.ts';
import type { BackgroundMessages, OffscreenMessages } from '../../protocol/contexts.ts';

/**
 * Owns the node worker: starts it, starts it again when it dies, and relays between it and the background, because a
 * worker has no extension API. No terminal byte passes here; ports go straight through.
 */
interface Running {
  worker: Worker;
  relay: Relay;
}

/** Waits before a worker that ended is started again, ms: one that cannot run must not take the processor. */
const RESTART_MS = [0, 500, 2000, 10_000];
/** A worker that ran for so long was well: its end is the first one again. */
const WELL_MS = 60_000;

let running: Running | undefined;
let ends = 0;
/** Ports of tabs that came while no worker ran. */
const waiting: MessagePort[] = [];

function startWorker(): void {
  const startedAtMs = Date.now();
  const worker = new Worker(new URL('./node-worker.ts', import.meta.url), {
    type: 'module',
    name: 'tailnet',
  });
  const toWorker = relay(worker, (kind, ask) =>
    send('background', kind as keyof BackgroundMessages, ask as never),
  );
  running = { worker, relay: toWorker };
  const ended = new AbortController();
  const restart = (why: string) => {
    if (ended.signal.aborted) return;
    ended.abort();
    running = undefined;
    worker.terminate();
    toWorker.end('the worker ended');
    console.error(`node worker ended: ${why}`);
    void send('background', 'worker-ended', { lastWords: why });
    ends = Date.now() - startedAtMs > WELL_MS ? 1 : ends + 1;
    setTimeout(startWorker, RESTART_MS[Math.min(ends, RESTART_MS.length) - 1]);
  };
  worker.addEventListener('error', (event) => restart(event.message));
  worker.addEventListener(
    'message',
    ({ data }: MessageEvent<{ lock?: string; fatal?: string }>) => {
      if (data?.lock) whenGone(data.lock, ended.signal, () => restart('its lock was released'));
      if (data?.fatal) restart(data.fatal);
    },
  );
  for (const port of waiting.splice(0)) worker.postMessage({ terminal: port }, [port]);
}

const forward =
  <K extends keyof OffscreenMessages>(kind: K) =>
  async (ask: OffscreenMessages[K]['ask']) => {
    if (!running) throw new Error('the worker is about to be started again');
    return (await running.relay.ask(kind, ask)) as OffscreenMessages[K]['reply'];
  };

startWorker();
serve('offscreen', {
  hold: forward('hold'),
  'read-sessions': forward('read-sessions'),
  rejoin: forward('rejoin'),
  diagnostics: forward('diagnostics'),
  'start-agent': forward('start-agent'),
  'start-shell': forward('start-shell'),
  'stop-session': forward('stop-session'),
  'rename-session': forward('rename-session'),
  'leave-all': forward('leave-all'),
});

function takePort({ ports: [port] }: MessageEvent): void {
  if (!port) return;
  if (running) running.worker.postMessage({ terminal: port }, [port]);
  else waiting.push(port);
}

// Firefox's background is the page that this document is a frame of.
if (import.meta.env.FIREFOX) globalThis.addEventListener('message', takePort);
else {
  navigator.serviceWorker.addEventListener('message', takePort);
  navigator.serviceWorker.startMessages();
}
