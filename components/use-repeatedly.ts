import { useEffect } from 'preact/hooks';

/** Does something again and again while `isOn`, one at a time: each pause begins when the last one was done. */
export function useRepeatedly(act: () => Promise<void>, pauseMs: number, isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return undefined;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      timer = setTimeout(() => void act().then(() => !isOver && wait()), pauseMs);
    };
    wait();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [act, pauseMs, isOn]);
}
