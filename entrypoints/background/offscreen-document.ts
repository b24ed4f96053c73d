import { browser } from 'wxt/browser';
import type { WorkerHost } from './worker-host.ts';

let creating: Promise<void> | undefined;

/** The document as Chromium's offscreen document. Chromium allows one for each profile. */
export const offscreenDocument: WorkerHost = { ensure, exists, handOver };

function ensure(): Promise<void> {
  creating ??= create().finally(() => (creating = undefined));
  return creating;
}

async function create(): Promise<void> {
  if (await exists()) return;
  try {
    await browser.offscreen.createDocument({
      url: '/offscreen.html',
      reasons: ['WORKERS'],
      justification:
        'Runs the private-network client (WebAssembly) in a worker, with WebSockets to the server that the user named.',
    });
  } catch (error) {
    // An older service worker, stopped meanwhile, may have made it.
    if (!String(error).includes('Only a single offscreen')) throw error;
  }
}

async function exists(): Promise<boolean> {
  const contexts = await browser.runtime.getContexts({ contextTypes: ['OFFSCREEN_DOCUMENT'] });
  return contexts.length > 0;
}

async function handOver(port: MessagePort): Promise<void> {
  await ensure();
  const scope = globalThis as unknown as ServiceWorkerGlobalScope;
  // The document is not controlled by this service worker, so only the full list has it.
  const clients = await scope.clients.matchAll({ includeUncontrolled: true, type: 'all' });
  const document = clients.find(({ url }) => new URL(url).pathname === '/offscreen.html');
  if (!document) throw new Error('invariant: the offscreen document exists but is no client');
  document.postMessage(null, [port]);
}
