import { browser } from 'wxt/browser';

/**
 * Gives one end of a port to the background, which passes it on to the node worker and takes no part in what follows.
 * @throws Error when the extension has no background any more
 */
export async function handOver(port: MessagePort): Promise<void> {
  const background = await findBackground();
  if (!background) throw new Error('the extension has no background');
  background.postMessage({ kind: 'terminal-port' }, { transfer: [port] });
}

/**
 * Chromium's is a service worker: `controller` is often null in extension pages; the active worker is there all the same,
 * and a message wakes it. Firefox's is a page.
 */
async function findBackground(): Promise<Pick<ServiceWorker, 'postMessage'> | null | undefined> {
  // The types mean a window as `browser.windows` describes it.
  if (import.meta.env.FIREFOX) return (await browser.runtime.getBackgroundPage()) as never;
  return (await navigator.serviceWorker.ready).active;
}
