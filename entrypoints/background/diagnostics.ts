import { browser } from 'wxt/browser';
import { readState } from '../../lib/extension-state.ts';
import { send } from '../../lib/messaging.ts';
import type { Result } from '../../protocol/contexts.ts';
import { workerHost } from './worker-host.ts';

const KEY = 'worker-ended';

/** Keeps why the worker last ended; memory only, like everything about the network. */
export async function keepWorkerEnd(lastWords: string): Promise<null> {
  await browser.storage.session.set({ [KEY]: { atMs: Date.now(), lastWords } });
  return null;
}

/** What a bug report needs: versions, states and times. Hubs are numbered; fault details may name them, so only codes. */
export async function diagnostics(): Promise<Result<string>> {
  const state = await readState();
  const isThere = await workerHost.exists();
  const worker = isThere
    ? await send('offscreen', 'diagnostics', {}).catch((error: unknown) => String(error))
    : 'no offscreen document';
  const report = {
    version: browser.runtime.getManifest().version,
    browser: navigator.userAgent,
    at: new Date().toISOString(),
    account: state.account.kind,
    serverFault: state.serverFault?.code ?? null,
    hubs: state.hubs.map(({ hub, unit, sessions, sessionsFault }) => ({
      online: hub.online,
      unit: unit.kind,
      fault: unit.kind === 'failed' ? unit.fault.code : (sessionsFault?.code ?? null),
      path: unit.kind === 'running' ? (unit.path ?? null) : null,
      sessions: sessions.length,
    })),
    worker,
    workerEnded: (await browser.storage.session.get(KEY))[KEY] ?? null,
  };
  // Errors name the server they were about.
  const text = JSON.stringify(report, null, 2).replace(
    /\b(https?|wss?):\/\/[^\s"/\\]+/g,
    '$1://server',
  );
  return { ok: true, value: text };
}
