import { send, serve } from '../../lib/messaging.ts';
import { whenGone } from '../../lib/locks.ts';
import { relay, type Relay } from '../../lib/relay.ts';
import type { BackgroundMessages, OffscreenMessages } from '../../protocol/contexts.ts';

/**
 * Owns the node worker: starts it, starts it again when it dies, and relays between it and the background, because a
 * worker has no extension API. No terminal byte passes here; ports go straight through.
 */
let worker: Worker;
let toWorker: Relay;

function startWorker(): void {
  worker = new Worker(new URL('./node-worker.ts', import.meta.url), {
    type: 'module',
    name: 'tailnet',
  });
  toWorker = relay(worker, (kind, ask) =>
    send('background', kind as keyof BackgroundMessages, ask as never),
  );
  const ended = new AbortController();
  const restart = (why: string) => {
    if (ended.signal.aborted) return;
    ended.abort();
    console.error(`node worker ended: ${why}`);
    void send('background', 'worker-ended', { lastWords: why });
    worker.terminate();
    startWorker();
  };
  worker.addEventListener('error', (event) => restart(event.message));
  worker.addEventListener(
    'message',
    ({ data }: MessageEvent<{ lock?: string; fatal?: string }>) => {
      if (data?.lock) whenGone(data.lock, ended.signal, () => restart('its lock was released'));
      if (data?.fatal) restart(data.fatal);
    },
  );
}

startWorker();

const forward =
  <K extends keyof OffscreenMessages>(kind: K) =>
  async (ask: OffscreenMessages[K]['ask']) =>
    (await toWorker.ask(kind, ask)) as OffscreenMessages[K]['reply'];

serve('offscreen', {
  hold: forward('hold'),
  'read-sessions': forward('read-sessions'),
  diagnostics: forward('diagnostics'),
  'leave-all': forward('leave-all'),
});

navigator.serviceWorker.addEventListener('message', ({ ports }) => {
  const [port] = ports;
  if (port) worker.postMessage({ terminal: port }, [port]);
});
navigator.serviceWorker.startMessages();
