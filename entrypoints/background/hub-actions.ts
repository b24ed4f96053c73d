import { send } from '../../lib/messaging.ts';
import type { BackgroundMessages, OffscreenMessages } from '../../protocol/contexts.ts';
import { askWorker } from './hubs.ts';
import { workerHost } from './worker-host.ts';

type Action = 'start-agent' | 'start-shell' | 'stop-session' | 'rename-session';

/** Has the worker do something on a hub, and reads the hub's sessions again. */
export async function onHub<K extends Action>(
  kind: K,
  ask: BackgroundMessages[K]['ask'],
): Promise<OffscreenMessages[K]['reply']> {
  await workerHost.ensure();
  const done = await send('offscreen', kind, ask as never);
  // A hub that is watched tells by itself.
  void askWorker('read-sessions', [ask.hubId]);
  return done as OffscreenMessages[K]['reply'];
}
