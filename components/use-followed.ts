import { useEffect, useState } from 'preact/hooks';

/**
 * A value that something else owns, kept up to date; undefined until it was read for the first time.
 * `read` and `follow` must stay the same functions.
 */
export function useFollowed<T>(
  read: () => Promise<T>,
  follow: (onValue: (value: T) => void) => () => void,
): T | undefined {
  const [value, setValue] = useState<T>();
  useEffect(() => {
    let isNewer = false;
    let isOver = false;
    const stop = follow((next) => {
      isNewer = true;
      setValue(() => next);
    });
    // What was followed meanwhile is newer than what was read.
    void read().then((first) => {
      if (!isNewer && !isOver) setValue(() => first);
    });
    return () => {
      isOver = true;
      stop();
    };
  }, [read, follow]);
  return value;
}
