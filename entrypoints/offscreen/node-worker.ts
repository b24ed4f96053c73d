import { holdLock } from '../../lib/locks.ts';
import { relay } from '../../lib/relay.ts';
import type { BackgroundMessages, OffscreenMessages } from '../../protocol/contexts.ts';
import { readSessions } from './session-list.ts';
import { installSockets } from './sockets.ts';
import { serveTerminal } from './terminal-port.ts';
import { Units, type AskBackground } from './units.ts';
import { startTailnet } from './wasm.ts';

/** The worker that holds the network: every unit's node, its SSH connections, and one port for each terminal tab. */
const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

installSockets();
const client = startTailnet((lastWords) => scope.postMessage({ fatal: lastWords }));
client.catch((error: unknown) => scope.postMessage({ fatal: String(error) }));

const toBackground = relay(scope, (kind, ask) => answer(kind as keyof OffscreenMessages, ask));
const askBackground: AskBackground = async (kind, ask) =>
  (await toBackground.ask(kind, ask)) as BackgroundMessages[typeof kind]['reply'];
const units = new Units(client, askBackground);

function answer(kind: keyof OffscreenMessages, ask: unknown): unknown {
  switch (kind) {
    case 'hold':
      return units.hold((ask as OffscreenMessages['hold']['ask']).hubIds);
    case 'read-sessions': {
      const { hubIds } = ask as OffscreenMessages['read-sessions']['ask'];
      return Promise.all(hubIds.map((hubId) => readSessions(units, hubId, askBackground)));
    }
    case 'leave-all':
      return units.leaveAll();
  }
}

const lock = holdLock('worker');
void lock.then((name) => scope.postMessage({ lock: name }));
scope.addEventListener('message', ({ data }: MessageEvent<{ terminal?: MessagePort }>) => {
  const port = data?.terminal;
  if (port) void lock.then((workerLock) => serveTerminal(port, workerLock, units));
});

void askBackground('worker-started', {}).then(({ hold }) => units.hold(hold));
