/**
 * Holds a Web Lock until the context dies, and says its name once it is held. A MessagePort gives no sign when its other
 * end dies; a lock is released whatever the end was.
 */
export async function holdLock(prefix: string): Promise<string> {
  const name = `${prefix}:${crypto.randomUUID()}`;
  const { promise, resolve } = Promise.withResolvers<void>();
  void navigator.locks.request(name, () => {
    resolve();
    return new Promise(() => {}); // held for as long as the context lives
  });
  await promise;
  return name;
}

/** Calls back when the holder of a lock is gone. The signal stops the waiting. */
export function whenGone(name: string, signal: AbortSignal, gone: () => void): void {
  navigator.locks.request(name, { signal }, gone).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
