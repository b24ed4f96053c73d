import { useEffect } from 'preact/hooks';

/** Does something now and again, one at a time: the pause begins when the last one was done. */
export function useRepeatedly(act: () => Promise<void>, pauseMs: number): void {
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const loop = async () => {
      await act();
      if (!isOver) timer = setTimeout(() => void loop(), pauseMs);
    };
    void loop();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [act, pauseMs]);
}
