/**
 * Gives one end of a port to the service worker, which passes it on to the node worker and takes no part in what
 * follows. `controller` is often null in extension pages; the active worker is there all the same, and a message wakes it.
 * @throws Error when the extension has no service worker any more
 */
export async function handOver(port: MessagePort): Promise<void> {
  const { active } = await navigator.serviceWorker.ready;
  if (!active) throw new Error('no active service worker');
  active.postMessage({ kind: 'terminal-port' }, [port]);
}
