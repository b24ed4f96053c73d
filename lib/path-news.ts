const CHANNEL = 'hubtab-path';

/** Tells every page that the ways to the hubs are being made anew, because the network is back or the computer woke up. */
export function tellPathRenewed(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(null);
  channel.close();
}

/** Calls back whenever the ways to the hubs are being made anew. Returns the way to stop it. */
export function onPathRenewed(renewed: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener('message', renewed);
  return () => channel.close();
}
