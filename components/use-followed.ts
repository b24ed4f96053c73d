import { useEffect, useState } from 'preact/hooks';

/**
 * A value that something else owns, kept up to date; undefined until it was read for the first time.
 * `read` and `follow` must stay the same functions.
 * @param first the value, where it was read before
 */
export function useFollowed<T>(
  read: () => Promise<T>,
  follow: (onValue: (value: T) => void) => () => void,
  first?: T,
): T | undefined {
  const [value, setValue] = useState(first);
  useEffect(() => {
    let isNewer = false;
    let isOver = false;
    const stop = follow((next) => {
      isNewer = true;
      setValue(() => next);
    });
    // What was followed meanwhile is newer than what was read.
    void read().then((now) => {
      if (!isNewer && !isOver) setValue(() => now);
    });
    return () => {
      isOver = true;
      stop();
    };
  }, [read, follow]);
  return value;
}
