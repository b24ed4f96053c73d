import { holdLock } from '../../lib/locks.ts';
import { relay } from '../../lib/relay.ts';
import type {
  BackgroundMessages,
  OffscreenMessages,
  WorkerDiagnostics,
} from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';
import type { TailnetClient } from '../../wasm/node.d.ts';
import { installFetch } from './control-servers.ts';
import { hubActions } from './hub-actions.ts';
import { readSessions } from './session-list.ts';
import { PathWatch } from './path-watch.ts';
import { installSockets, liveSockets } from './sockets.ts';
import { listenForFaults } from './faults-for-tests.ts';
import { serveTerminal } from './terminal-port.ts';
import { Watches } from './watches.ts';
import { Units, type AskBackground } from './units.ts';
import { startTailnet } from './wasm.ts';

/** The worker that holds the network: every unit's node, its SSH connections, and one port for each terminal tab. */
const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

installSockets();
installFetch();
listenForFaults(liveSockets);
const client = startTailnet((lastWords) => scope.postMessage({ fatal: lastWords }));
client.catch((error: unknown) => scope.postMessage({ fatal: String(error) }));

const toBackground = relay(scope, (kind, ask) => answer(kind as keyof OffscreenMessages, ask));
const askBackground: AskBackground = async (kind, ask) =>
  (await toBackground.ask(kind, ask)) as BackgroundMessages[typeof kind]['reply'];
const paths = new PathWatch((reason) => void client.then((tailnet) => tailnet.kick(reason)));
paths.start();
const units = new Units(client, askBackground, paths);
const watches = new Watches(units, askBackground);

function hold({ hubIds, watch }: OffscreenMessages['hold']['ask']): Promise<null> {
  watches.set(watch);
  return units.hold(hubIds);
}

const actions = hubActions(units);

function answer(kind: keyof OffscreenMessages, ask: unknown): unknown {
  switch (kind) {
    case 'hold':
      return hold(ask as OffscreenMessages['hold']['ask']);
    case 'read-sessions': {
      const { hubIds } = ask as OffscreenMessages['read-sessions']['ask'];
      // Each is told when it is read: a slow hub holds up no other.
      for (const hubId of hubIds) void readSessions({ units, askBackground, watches }, hubId);
      return null;
    }
    case 'rejoin':
      for (const hubId of (ask as OffscreenMessages['rejoin']['ask']).hubIds) units.rejoin(hubId);
      return null;
    case 'diagnostics':
      return client.then(diagnosticsOf);
    case 'start-agent':
    case 'start-shell':
    case 'stop-session':
    case 'rename-session':
      return actions[kind](ask as never);
    case 'leave-all':
      watches.set([]);
      return units.leaveAll();
  }
}

function diagnosticsOf(tailnet: TailnetClient): WorkerDiagnostics {
  const { units: unitStats, ...program } = tailnet.stats();
  return {
    program: { ...program, units: unitStats.map(({ id: _, ...unit }) => unit) },
    sockets: liveSockets().map(({ role, bytesIn, bytesOut, heardAtMs }) => ({
      role,
      bytesIn,
      bytesOut,
      silentForMs: Date.now() - heardAtMs,
    })),
  };
}

const lock = holdLock('worker');
void lock.then((name) => scope.postMessage({ lock: name }));
scope.addEventListener('message', ({ data }: MessageEvent<{ terminal?: MessagePort }>) => {
  const port = data?.terminal;
  if (!port) return;
  const readAgain = (hubId: HubId) => void readSessions({ units, askBackground, watches }, hubId);
  void lock.then((workerLock) => serveTerminal(port, workerLock, units, readAgain));
});

void askBackground('worker-started', {}).then(hold);
