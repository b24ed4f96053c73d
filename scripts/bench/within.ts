/**
 * Waits for something, but not for ever.
 * @throws Error that says what did not happen
 */
export async function within<T>(timeoutMs: number, what: string, wait: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`${what}: not done after ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    return await Promise.race([wait, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again until the answer is not undefined. @throws Error that says what did not happen */
export async function poll<T>(
  timeoutMs: number,
  what: string,
  read: () => Promise<T | undefined>,
  intervalMs = 20,
): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (Date.now() > endMs) throw new Error(`${what}: not so after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
