import { useEffect, useState } from 'preact/hooks';

/** The present time, renewed every `everyMs` while `isTicking`. Ages on the page count by it. */
export function useNow(everyMs: number, isTicking = true): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    if (!isTicking) return undefined;
    setNowMs(Date.now());
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, isTicking]);
  return nowMs;
}
